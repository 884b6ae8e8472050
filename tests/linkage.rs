//! Which libcurl is linked, what it has, and that it works where a build of it can be wrong.
//!
//! What changes a whole process is tested in a process of its own: this program, started again for the one test.

#[path = "support/mod.rs"]
mod support;

use std::env;
use std::ffi::{CStr, CString, c_char};
use std::io::Read;
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::path::Path;
use std::process::Command;
use std::ptr::null;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;

use curlback::libcurl::ca;
use curlback::libcurl::tables::{info, opt};
use curlback::libcurl::version;
use curlback::library::{
    curlback_feature_name, curlback_has_feature, curlback_has_protocol, curlback_libcurl_linkage,
    curlback_libcurl_version, curlback_libcurl_version_number, curlback_protocol_name,
};
use curlback_test_servers::{HttpServer, Nginx, RawServer, reset_on_close, wait_until};
use support::{Easy, LIMIT, last_error, ok, skipped, text};

const LINKAGE: &str = env!("CURLBACK_LINKAGE");

/// What the test was given where it is the one that was started again.
const CHILD: &str = "CURLBACK_TEST_CHILD";

fn given() -> Option<String> {
    env::var(CHILD).ok()
}

/// Runs one test of this program in a process of its own, giving it `value`, and fails where that fails.
#[track_caller]
fn in_child(test: &str, value: &str, change: impl FnOnce(&mut Command)) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(CHILD, value);
    change(&mut command);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}{complained}", output.status);
    assert!(said.contains("1 passed"), "{test} is no test: {said}");
}

#[test]
fn the_linked_libcurl_is_the_one_that_was_asked_for() {
    let linkage = text(curlback_libcurl_linkage());
    assert_eq!(linkage, LINKAGE);
    if let Some(wanted) = option_env!("CURLBACK_LIBCURL") {
        assert_eq!(linkage, wanted);
    }
    assert!(["system", "bundled", "full"].contains(&linkage.as_str()), "{linkage}");
}

#[test]
fn the_version_is_said_in_words_and_as_a_number() {
    let line = text(curlback_libcurl_version());
    let number = curlback_libcurl_version_number();
    let [major, minor, patch] = [number >> 16, (number >> 8) & 0xff, number & 0xff];
    assert!(line.starts_with(&format!("libcurl/{major}.{minor}.{patch}")), "{line} {number:#x}");
    assert!(number >= 0x07_5800);
    if LINKAGE != "system" {
        assert_eq!(number, 0x08_1600, "the one that curl-sys carries");
    }
}

fn all(name: extern "C" fn(usize) -> *const c_char) -> Vec<String> {
    let names = (0..).map(|index| name(index)).take_while(|name| !name.is_null());
    let names: Vec<String> = names.map(text).collect();
    for past in [names.len(), names.len() + 1, usize::MAX] {
        assert!(name(past).is_null());
    }
    names
}

fn has(ask: unsafe extern "C" fn(*const c_char) -> bool, name: &str) -> bool {
    let name = CString::new(name).unwrap();
    // SAFETY: it ends with NUL.
    unsafe { ask(name.as_ptr()) }
}

#[test]
fn protocols_and_features_are_listed_and_asked_for_in_any_case() {
    let lists = [
        (all(curlback_protocol_name), curlback_has_protocol as unsafe extern "C" fn(*const c_char) -> bool),
        (all(curlback_feature_name), curlback_has_feature),
    ];
    for (names, ask) in lists {
        assert!(!names.is_empty());
        for name in &names {
            for form in [name.clone(), name.to_lowercase(), name.to_uppercase()] {
                assert!(has(ask, &form), "{form}");
            }
            for wrong in [format!("{name}x"), format!(" {name}"), name[1..].to_owned()] {
                assert!(!has(ask, &wrong) || names.contains(&wrong), "{wrong}");
            }
        }
        assert!(!has(ask, ""));
        // SAFETY: NULL is allowed.
        assert!(!unsafe { ask(null()) });
        assert_eq!(last_error(), "name is NULL");
    }
}

#[test]
fn each_way_to_link_has_its_protocols_and_features() {
    let protocols = all(curlback_protocol_name);
    let features = all(curlback_feature_name);
    match LINKAGE {
        "full" => {
            let expected =
                ["file", "ftp", "ftps", "http", "https", "mqtt", "rtsp", "scp", "sftp", "ws", "wss"];
            for name in expected {
                assert!(has(curlback_has_protocol, name), "{name} of {protocols:?}");
            }
            for name in ["HSTS", "HTTP2", "IDN", "PSL", "SSL", "brotli", "libz", "zstd", "threadsafe"] {
                assert!(has(curlback_has_feature, name), "{name} of {features:?}");
            }
        }
        "bundled" => {
            for name in ["file", "ftp", "http", "https", "ws", "wss"] {
                assert!(has(curlback_has_protocol, name), "{name} of {protocols:?}");
            }
            for name in
                ["AsynchDNS", "HSTS", "HTTP2", "IPv6", "Largefile", "SSL", "UnixSockets", "threadsafe"]
            {
                assert!(has(curlback_has_feature, name), "{name} of {features:?}");
            }
            assert!(!has(curlback_has_protocol, "sftp"));
        }
        _ => assert!(has(curlback_has_protocol, "http"), "{protocols:?}"),
    }
}

/// A libcurl that waits with select() fails once its descriptors are over 1,023.
#[test]
fn a_transfer_works_with_1200_descriptors_open() {
    let Some(url) = given() else {
        let url = HttpServer::shared().url("/trickle/5/5");
        return in_child("a_transfer_works_with_1200_descriptors_open", &url, |_| {});
    };
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure can be written to, and read.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit), 0);
        limit.rlim_cur = limit.rlim_max.min(4096);
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &limit), 0);
    }
    assert!(limit.rlim_cur > 1300, "the system allows {} descriptors", limit.rlim_cur);
    // SAFETY: the path ends with NUL. They stay open to the end of the process.
    while unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) } < 1200 {}

    let easy = Easy::to(&url);
    easy.on_write(|_, data| data.len() as i64);
    ok(easy.perform());
    assert_eq!(easy.int(info::SIZE_DOWNLOAD_T), 5);
    assert!(easy.int(info::ACTIVESOCKET) > 1200, "{}", easy.int(info::ACTIVESOCKET));
}

fn exists(path: *const c_char) -> bool {
    // SAFETY: libcurl gives NULL or a static string.
    let path = (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) });
    path.is_some_and(|path| Path::new(path.to_str().unwrap()).exists())
}

/// The one that SSL_CERT_FILE names is found, as are the places where systems keep theirs.
#[test]
fn https_is_verified_against_authorities_that_the_library_finds() {
    let test = "https_is_verified_against_authorities_that_the_library_finds";
    let Some(given) = given() else {
        let info = version::info();
        if exists(info.cainfo) || exists(info.capath) {
            assert_ne!(LINKAGE, "bundled");
            return skipped(
                "finding certificate authorities",
                "a libcurl without a place of its own for them",
            );
        }
        let nginx = Nginx::shared().unwrap();
        let url = nginx.https_url("/hello.txt");
        in_child(test, &format!("0 {url}"), |command| {
            command.env("SSL_CERT_FILE", nginx.ca_path());
        });
        // The test's authority is none of the system's.
        return in_child(test, &format!("60 {url}"), |command| {
            command.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
        });
    };
    if let Ok(file) = env::var("SSL_CERT_FILE") {
        // Said apart, because a libcurl with CURL_CA_FALLBACK looks there too.
        let found = ca::found().file.as_deref();
        assert_eq!(found, Some(CString::new(file).unwrap().as_c_str()));
    }
    let (expected, url) = given.split_once(' ').unwrap();
    let easy = Easy::to(url);
    easy.on_write(|_, data| data.len() as i64);
    assert_eq!(easy.perform().to_string(), expected, "{}", last_error());
}

/// Where libcurl has a place of its own, or finds one, the servers of others are refused.
#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let nginx = Nginx::shared().unwrap();
    let easy = Easy::to(&nginx.https_url("/hello.txt"));
    easy.on_write(|_, data| data.len() as i64);
    assert_eq!(easy.perform(), 60, "{}", last_error());
    easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
    ok(easy.perform());
}

/// 1 January 2050, beyond what 32 bits hold.
const IN_2050: i64 = 2_524_608_000;

#[test]
fn a_date_in_2050_is_exact() {
    let server = RawServer::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nLast-Modified: Sat, 01 Jan 2050 00:00:00 GMT\r\n\r\n",
    );
    let easy = Easy::to(&server.url("/"));
    easy.set_int(opt::FILETIME, 1);
    ok(easy.perform());
    assert_eq!(easy.int(info::FILETIME_T), IN_2050);
    assert_eq!(easy.int(info::FILETIME), IN_2050);
}

#[test]
fn a_date_in_2050_is_sent() {
    /// CURL_TIMECOND_IFMODSINCE
    const IF_MODIFIED_SINCE: i64 = 1;
    let easy = Easy::to(&HttpServer::shared().url("/request-headers"));
    easy.set_int(opt::TIMECONDITION, IF_MODIFIED_SINCE);
    easy.set_int(opt::TIMEVALUE_LARGE, IN_2050);
    let body = Arc::new(Mutex::new(String::new()));
    let copy = Arc::clone(&body);
    easy.on_write(move |_, data| {
        copy.lock().unwrap().push_str(&String::from_utf8_lossy(data));
        data.len() as i64
    });
    ok(easy.perform());
    let body = body.lock().unwrap();
    assert!(body.contains("\nif-modified-since: Sat, 01 Jan 2050 00:00:00 GMT\n"), "{body}");
}

/// Rust has SIGPIPE ignored, and what the library is loaded into may have not.
fn die_of_sigpipe() {
    // SAFETY: no handler is installed.
    assert_ne!(unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) }, libc::SIG_ERR);
}

#[test]
fn a_server_that_resets_an_upload_does_not_kill() {
    let Some(url) = given() else {
        let server = RawServer::start(|mut stream, _| {
            stream.read_exact(&mut [0; 1000])?;
            reset_on_close(stream)
        });
        return in_child("a_server_that_resets_an_upload_does_not_kill", &server.url("/"), |_| {});
    };
    die_of_sigpipe();
    for _ in 0..20 {
        let easy = Easy::to(&url);
        easy.set_int(opt::UPLOAD, 1);
        easy.set_int(opt::EXPECT_100_TIMEOUT_MS, 1);
        easy.on_read(|_, buffer| {
            buffer.fill(b'x');
            buffer.len() as i64
        });
        let result = easy.perform();
        // SEND_ERROR or RECV_ERROR: whichever notices first.
        assert!(result == 55 || result == 56, "{result}: {}", last_error());
    }
}

/// libcurl says goodbye to the TLS connection that it finds dead.
#[test]
fn a_server_that_resets_an_idle_connection_does_not_kill() {
    let Some(given) = given() else {
        let nginx = Nginx::shared().unwrap();
        let value = format!("{} {}", nginx.https_port(), nginx.ca_path().display());
        return in_child("a_server_that_resets_an_idle_connection_does_not_kill", &value, |_| {});
    };
    let (port, authority) = given.split_once(' ').unwrap();
    let port: u16 = port.parse().unwrap();
    let (reset, asked) = mpsc::channel();
    let asked = Mutex::new(asked);
    let proxy = RawServer::start(move |client, number| {
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        thread::scope(|scope| {
            let up = scope.spawn(|| {
                let _ = std::io::copy(&mut &*client, &mut &server);
                server.shutdown(Shutdown::Both)
            });
            let down = scope.spawn(|| std::io::copy(&mut &server, &mut &*client));
            if number == 0 {
                asked.lock().unwrap().recv().unwrap();
                reset_on_close(client)?;
                // Nothing is sent by this: the copying ends.
                client.shutdown(Shutdown::Read)?;
            }
            let _ = up.join();
            let _ = down.join();
            Ok(())
        })
    });
    die_of_sigpipe();
    let easy = Easy::to(&format!("https://127.0.0.1:{}/hello.txt", proxy.port()));
    easy.set_str(opt::CAINFO, authority);
    easy.on_write(|_, data| data.len() as i64);
    ok(easy.perform());
    let socket = easy.int(info::ACTIVESOCKET) as i32;
    reset.send(()).unwrap();
    assert!(wait_until(LIMIT, || {
        let mut poll = libc::pollfd { fd: socket, events: libc::POLLIN, revents: 0 };
        // SAFETY: there is one structure.
        unsafe { libc::poll(&mut poll, 1, 0) == 1 && poll.revents & libc::POLLHUP != 0 }
    }));
    ok(easy.perform());
    assert_eq!(easy.int(info::RESPONSE_CODE), 200);
    assert_eq!(proxy.connections(), 2);
}
