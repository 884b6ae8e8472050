//! Names that do not resolve, connections that do not come about, proxies that do not do their part.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::OnceLock;

use curlback::easy::options::curlback_easy_set_list;
use curlback::libcurl::tables::opt;
use curlback_test_servers::Nginx;

use crate::case::*;
use crate::script::Step::{self, *};
use crate::support::{Easy, ok};

/// No connection reaches the server.
const fn unconnected(name: &'static str, url: &'static str, end: End) -> Case {
    Case { url, connections: 0, ..case(name, &[&[]], end) }
}

fn resolve(easy: &Easy, entry: &std::ffi::CStr) {
    // SAFETY: one string.
    ok(unsafe { curlback_easy_set_list(easy.raw(), opt::RESOLVE, [entry.as_ptr()].as_ptr(), 1) });
}

pub fn names_that_do_not_resolve() -> Vec<Case> {
    vec![
        unconnected("a name that nobody has", "http://host.invalid/", end(6, "host.invalid", "R")),
        unconnected("a name that is not looked up", "http://host.onion/", end(6, "onion", ""))
            .before(end(6, "onion", "R")),
        unconnected(
            "a name that is too long",
            "http://a-label-of-more-than-sixty-three-characters-is-no-label-of-any-name.invalid/",
            end(6, "", "R"),
        ),
        Case {
            prepare: |easy, _| resolve(easy, c"nobody.example:80:127.0.0.1:1"),
            ..unconnected("a name that is given no address", "http://nobody.example/", end(49, "resolve", ""))
        },
        Case {
            // An answer of nginx's that is no DNS.
            prepare: |easy, _| {
                easy.set_str(opt::DOH_URL, &Nginx::shared().unwrap().https_url("/hello.txt"));
                easy.set_int(opt::DOH_SSL_VERIFYPEER, 0);
                easy.set_int(opt::DOH_SSL_VERIFYHOST, 0);
            },
            needs: "https",
            ..unconnected("a DNS server that answers nonsense", "http://nobody.example/", end(6, "", "R"))
        },
    ]
}

pub fn connections_that_do_not_come_about() -> Vec<Case> {
    vec![
        unconnected("a port that refuses", "http://127.0.0.1:1/", end(7, "connect", "ROSC")),
        Case {
            prepare: |easy, _| easy.set_str(opt::INTERFACE, "nosuch0"),
            ..unconnected("an interface that is not there", "http://127.0.0.1:1/", end(45, "bind", "ROSRC"))
        },
        Case {
            prepare: |easy, _| easy.set_str(opt::UNIX_SOCKET_PATH, "/nonexistent/socket"),
            needs: "UnixSockets",
            ..unconnected("a socket's path that is not there", "http://host/", end(7, "", "OSC"))
        },
        Case {
            prepare: |easy, port| {
                easy.set_int(opt::LOCALPORT, port.into());
            },
            ..unconnected("a local port that is taken", "http://127.0.0.1:1/", end(45, "", "ROSC"))
        },
    ]
}

/// A port whose queue is full: the system does not answer.
#[test]
fn a_connection_that_is_not_accepted() {
    let _alone = alone();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    // SAFETY: a listener is told that its queue is short: one connection.
    assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
    let address = listener.local_addr().unwrap();
    let waiting = TcpStream::connect(address).unwrap();
    static URL: OnceLock<String> = OnceLock::new();
    let url = URL.get_or_init(|| format!("http://{address}/"));
    run_alone(&Case {
        prepare: |easy, _| easy.set_int(opt::CONNECTTIMEOUT_MS, 300),
        ..unconnected("a connection that is not accepted", url, timeout("ROSC"))
            .before(end(28, "timeout", "ROS"))
    });
    drop(waiting);
}

pub fn proxies_that_do_not_do_their_part() -> Vec<Case> {
    fn http(easy: &Easy, port: u16) {
        easy.set_str(opt::PROXY, &format!("http://127.0.0.1:{port}"));
        easy.set_int(opt::HTTPPROXYTUNNEL, 1);
    }
    fn socks(easy: &Easy, port: u16) {
        easy.set_str(opt::PROXY, &format!("socks5h://127.0.0.1:{port}"));
    }
    let of = |name, scripts: &'static [&'static [Step]], prepare, end| Case {
        url: "http://host.example/",
        prepare,
        ..case(name, scripts, end)
    };
    vec![
        of(
            "a proxy that refuses",
            &[&[Request, Send(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), Stall]],
            http,
            end(7, "403", "ROSHC"),
        )
        .before(end(56, "403", "ROSHC")),
        of("a proxy that resets", &[&[Request, Reset]], http, reset("ROSC")),
        of("a proxy that ends", &[&[Request]], http, end(56, "aborted", "ROSC")),
        of(
            "a proxy whose headers have no end",
            &[&[Request, Send(b"HTTP/1.1 200 OK\r\n"), Repeat(b"X-Header: one of many\r\n", 0)]],
            http,
            end(100, "headers", "ROSHC"),
        )
        .before(end(56, "headers", "ROSHC")),
        Case { slow: true, ..of("a proxy that stalls", &[&[Request, Stall]], http, timeout("ROSC")) },
        of(
            "no SOCKS",
            &[&[Take(3), Send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Stall]],
            socks,
            end(97, "socks", "ROSC"),
        ),
        of("a SOCKS proxy that ends", &[&[Take(3), HalfClose]], socks, end(97, "proxy", "ROSC")),
        of(
            "a SOCKS proxy that refuses",
            &[&[Take(3), Send(b"\x05\x00"), Take(4), Send(b"\x05\x05\x00\x01\0\0\0\0\0\0"), Stall]],
            socks,
            end(97, "socks", "ROSC"),
        ),
        Case { slow: true, ..of("a SOCKS proxy that stalls", &[&[Take(3), Stall]], socks, timeout("ROSC")) },
    ]
}
