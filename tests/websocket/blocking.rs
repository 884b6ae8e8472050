//! Sending from a callback waits until the peer has taken all of it, the time is up or the transfer is cancelled.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::ptr::without_provenance_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use curlback::easy::error::curlback_easy_raise;
use curlback::easy::perform::curlback_easy_cancel;
use curlback::libcurl::tables::opt;
use curlback::result::code;
use curlback_test_servers::tungstenite::Message;
use curlback_test_servers::{Nginx, RawServer, pattern, read_request, take_little, wait_until};

use crate::support::{last_error, ok, stretched};
use crate::*;

const TEN_MEGABYTES: usize = 10_000_000;
const ACCEPT: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

#[test]
fn ten_megabytes_to_a_slow_reader_are_written_before_the_call_returns() {
    if left_out() {
        return;
    }
    let (server, came) = server(|socket, came| {
        take_little(socket.get_ref())?;
        socket.send(Message::text("go"))?;
        came.send(socket.read()?).unwrap();
        socket.close(None)
    });
    let easy = to(&server.url("/"));
    collect(&easy, |easy, frame, _| {
        if frame.flags as u32 == TEXT {
            send(easy, &pattern(0, TEN_MEGABYTES), BINARY);
        }
    });
    ok(easy.perform());
    assert!(came.recv_timeout(LIMIT).unwrap() == Message::binary(pattern(0, TEN_MEGABYTES)));
}

#[test]
fn the_call_returns_only_when_the_reader_has_taken_enough() {
    if left_out() {
        return;
    }
    let sending = Arc::new(AtomicBool::new(false));
    let still = Arc::clone(&sending);
    let (seen, saw) = channel();
    let server = RawServer::start(move |mut stream, _| {
        read_request(stream)?;
        take_little(stream)?;
        stream.write_all(ACCEPT)?;
        stream.write_all(b"\x81\x02go")?;
        // Far more is left than all buffers between the two can hold.
        stream.read_exact(&mut vec![0; 1_000_000])?;
        seen.send(still.load(Ordering::SeqCst)).unwrap();
        stream.read_exact(&mut vec![0; TEN_MEGABYTES - 1_000_000 + 14])?;
        stream.write_all(b"\x88\x00")
    });
    let easy = to(&server.url("/").replace("http", "ws"));
    let sends = Arc::clone(&sending);
    collect(&easy, move |easy, frame, _| {
        if frame.flags as u32 == TEXT {
            sends.store(true, Ordering::SeqCst);
            send(easy, &pattern(0, TEN_MEGABYTES), BINARY);
            sends.store(false, Ordering::SeqCst);
        }
    });
    ok(easy.perform());
    assert!(saw.recv_timeout(LIMIT).unwrap(), "it returned before all was written");
}

/// Accepts, greets, and never reads again.
fn deaf() -> RawServer {
    RawServer::start(|mut stream, _| {
        read_request(stream)?;
        take_little(stream)?;
        stream.write_all(ACCEPT)?;
        stream.write_all(b"\x81\x02go")?;
        // Until the client is gone.
        while !gone(stream) {}
        Ok(())
    })
}

/// Waits a while for the connection's end, without reading.
fn gone(stream: &TcpStream) -> bool {
    use std::os::fd::AsRawFd;
    let mut socket = libc::pollfd { fd: stream.as_raw_fd(), events: libc::POLLRDHUP, revents: 0 };
    // SAFETY: one descriptor.
    unsafe { libc::poll(&mut socket, 1, 100) > 0 }
}

/// Whether the thread waits for something.
fn is_blocked(thread: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat")).unwrap();
    stat.rsplit(')').next().unwrap().trim_start().starts_with('S')
}

fn cancelled_while_it_sends(url: &str, ca: Option<&str>) {
    let sending = Arc::new(AtomicBool::new(false));
    let (started, starts) = channel();
    let sends = Arc::clone(&sending);
    let (url, ca) = (url.to_owned(), ca.map(str::to_owned));
    let thread = thread::spawn(move || {
        let easy = to(&url);
        if let Some(ca) = ca {
            easy.set_str(opt::CAINFO, &ca);
        }
        let results = list();
        let seen = std::rc::Rc::clone(&results);
        easy.on_write(move |easy, data| {
            // SAFETY: no preconditions.
            started.send((easy.addr(), unsafe { libc::gettid() })).unwrap();
            let bytes = pattern(0, 2 * TEN_MEGABYTES);
            sends.store(true, Ordering::SeqCst);
            let (result, sent) = send_piece(easy, &bytes, 0, BINARY);
            seen.borrow_mut().push((result, last_error()));
            assert!(sent < bytes.len());
            // Nothing is sent from here on.
            seen.borrow_mut().push((send_piece(easy, b"x", 0, BINARY).0, last_error()));
            data.len() as i64
        });
        let result = easy.perform();
        let results = results.take();
        (result, results, easy.error().result)
    });
    let (easy, tid) = starts.recv_timeout(LIMIT).unwrap();
    assert!(wait_until(LIMIT, || sending.load(Ordering::SeqCst) && is_blocked(tid)));
    let before = Instant::now();
    ok(curlback_easy_cancel(without_provenance_mut(easy)));
    let (result, results, recorded) = thread.join().unwrap();
    assert!(before.elapsed() < stretched(LIMIT / 4), "{:?}", before.elapsed());
    assert_eq!((result, recorded), (code::E_CANCELLED, code::E_CANCELLED));
    let told = (code::E_CANCELLED, "the transfer is ending: nothing more is sent".to_owned());
    assert_eq!(results, [told.clone(), told]);
}

#[test]
fn another_thread_cancels_a_transfer_whose_callback_waits_for_a_deaf_peer() {
    if left_out() {
        return;
    }
    cancelled_while_it_sends(&deaf().url("/").replace("http", "ws"), None);
}

#[test]
fn another_thread_cancels_it_over_tls_too() {
    if left_out() {
        return;
    }
    let nginx = Nginx::shared().unwrap_or_else(|error| panic!("{error}"));
    let deaf = deaf();
    let url = nginx.https_url(&format!("/to/{}/", deaf.port())).replace("https", "wss");
    cancelled_while_it_sends(&url, Some(nginx.ca_path().to_str().unwrap()));
}

#[test]
fn a_callback_that_has_cancelled_or_interrupted_its_transfer_sends_no_more() {
    if left_out() {
        return;
    }
    for (severity, expected) in [(None, code::E_CANCELLED), (Some(1), code::E_RAISED)] {
        let server = deaf();
        let easy = to(&server.url("/").replace("http", "ws"));
        let results = list();
        let seen = std::rc::Rc::clone(&results);
        easy.on_write(move |easy, data| {
            ok(match severity {
                None => curlback_easy_cancel(easy),
                // SAFETY: no message and no payload.
                Some(severity) => unsafe {
                    curlback_easy_raise(easy, severity, 1, std::ptr::null(), std::ptr::null_mut(), None)
                },
            });
            // It would wait for as long as the peer is deaf.
            seen.borrow_mut().push(send_piece(easy, &pattern(0, 2 * TEN_MEGABYTES), 0, BINARY));
            data.len() as i64
        });
        let before = Instant::now();
        assert_eq!(easy.perform(), expected);
        assert_eq!(*results.borrow(), [(expected, 0)]);
        assert!(before.elapsed() < LIMIT / 4, "it waited");
    }
}

#[test]
fn the_transfers_time_limit_ends_the_waiting() {
    if left_out() {
        return;
    }
    let server = deaf();
    let easy = to(&server.url("/").replace("http", "ws"));
    let limit = stretched(Duration::from_millis(600));
    easy.set_int(opt::TIMEOUT_MS, limit.as_millis() as i64);
    let results = list();
    let seen = std::rc::Rc::clone(&results);
    easy.on_write(move |easy, _| {
        seen.borrow_mut().push(send_piece(easy, &pattern(0, 2 * TEN_MEGABYTES), 0, BINARY).0);
        -1
    });
    assert_eq!(easy.perform(), 23);
    // SEND_ERROR
    assert_eq!(*results.borrow(), [55]);
}

#[test]
fn while_another_thread_performs_sending_is_busy() {
    if left_out() {
        return;
    }
    let (server, came) = server(|socket, came| {
        socket.send(Message::text("go"))?;
        came.send(read_all(socket)).unwrap();
        Ok(())
    });
    let url = server.url("/");
    let (started, starts) = channel();
    let (go_on, goes_on) = channel::<()>();
    let thread = thread::spawn(move || {
        let easy = to(&url);
        collect(&easy, move |easy, frame, _| {
            if frame.flags as u32 == TEXT {
                started.send(easy.addr()).unwrap();
                goes_on.recv_timeout(LIMIT).unwrap();
                ok(close_with(easy, 1000, b""));
            }
        });
        easy.perform()
    });
    let easy = without_provenance_mut(starts.recv_timeout(LIMIT).unwrap());
    assert_eq!(send_piece(easy, b"x", 0, TEXT), (code::E_BUSY, 0));
    assert_eq!(close_with(easy, 1000, b""), code::E_BUSY);
    assert_eq!(receive(easy, 10), Err(code::E_BUSY));
    assert_eq!(meta(easy), Err(code::E_NOT_IN_CALLBACK));
    go_on.send(()).unwrap();
    ok(thread.join().unwrap());
    assert!(matches!(came.recv_timeout(LIMIT).unwrap()[..], [Message::Close(Some(_))]));
}
