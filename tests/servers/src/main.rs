//! The test servers for programs that are not written in Rust.
//!
//! Prints one line `NAME VALUE` for each thing it started, then `READY`, and runs until its standard input is closed:
//!
//! | name | value |
//! |---|---|
//! | HTTP | the scripted server |
//! | HALF_WAY | promises 1000 bytes, closes after 100 |
//! | RESETS | resets the connection after the headers |
//! | CLOSES_REUSED | closes the connection at its second request |
//! | REFUSED | a port that refuses |
//! | NGINX_HTTP | with --nginx: HTTP/1.1 |
//! | NGINX_HTTPS | with --nginx: HTTP/2 and HTTP/1.1 |
//! | NGINX_EXPIRED | with --nginx: a certificate that expired |
//! | NGINX_WRONG_NAME | with --nginx: a certificate for another name |
//! | CA | with --nginx: the file of the authority's certificate |

use std::io::{self, Write};
use std::process::ExitCode;

use curlback_test_servers::{HttpServer, Nginx, RawServer, ReservedPort};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let with_nginx = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--nginx"] => true,
        _ => {
            eprintln!("usage: curlback-test-server [--nginx]");
            return ExitCode::from(2);
        }
    };
    match run(with_nginx) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("curlback-test-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(with_nginx: bool) -> io::Result<()> {
    let http = HttpServer::start();
    let half_way = RawServer::closes_half_way();
    let resets = RawServer::resets();
    let closes_reused = RawServer::closes_reused();
    let refused = ReservedPort::new()?;
    let nginx = if with_nginx { Some(Nginx::shared().map_err(io::Error::other)?) } else { None };

    let mut out = io::stdout().lock();
    writeln!(out, "HTTP {}", http.url(""))?;
    writeln!(out, "HALF_WAY {}", half_way.url(""))?;
    writeln!(out, "RESETS {}", resets.url(""))?;
    writeln!(out, "CLOSES_REUSED {}", closes_reused.url(""))?;
    writeln!(out, "REFUSED {}", refused.url(""))?;
    if let Some(nginx) = nginx {
        nginx.big_file()?;
        writeln!(out, "NGINX_HTTP {}", nginx.http_url(""))?;
        writeln!(out, "NGINX_HTTPS {}", nginx.https_url(""))?;
        writeln!(out, "NGINX_EXPIRED {}", nginx.expired_url(""))?;
        writeln!(out, "NGINX_WRONG_NAME {}", nginx.wrong_name_url(""))?;
        writeln!(out, "CA {}", nginx.ca_path().display())?;
    }
    writeln!(out, "READY")?;
    out.flush()?;

    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(())
}
