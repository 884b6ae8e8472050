//! Raw connections: CONNECT_ONLY 1, send and recv.

mod support;

use std::ffi::c_void;
use std::io::{Read, Write};
use std::ptr::without_provenance_mut;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use curlback::callback::socket::curlback_socket_answer;
use curlback::easy::options::curlback_easy_set_int;
use curlback::easy::raw::{curlback_easy_recv, curlback_easy_send};
use curlback::easy::{curlback_easy_close, curlback_easy_reset};
use curlback::libcurl::tables::{info, opt};
use curlback::multi::run::curlback_multi_run;
use curlback::result::code;
use curlback::share::curlback_share_data::CURLBACK_SHARE_CONNECTIONS;
use curlback::share::{
    curlback_easy_set_share, curlback_share_add, curlback_share_new, curlback_share_release,
};
use curlback_test_servers::{
    HttpServer, Nginx, RawServer, open_descriptors, pattern, read_request, reset_on_close, take_little,
    wait_until,
};
use support::multi::Multi;
use support::{Drops, Easy, LIMIT, Raw, last_error, ok, on_close_socket, on_open_socket};

const AGAIN: i32 = 81;
const REQUEST: &[u8] = b"GET /hello HTTP/1.1\r\nHost: by-hand\r\nConnection: close\r\n\r\n";

fn connected(url: &str) -> Easy {
    let easy = Easy::to(url);
    easy.set_int(opt::CONNECT_ONLY, 1);
    ok(easy.perform());
    easy
}

fn send(easy: Raw, data: &[u8]) -> (i32, usize) {
    let mut sent = usize::MAX;
    // SAFETY: the data are there.
    let result = unsafe { curlback_easy_send(easy, data.as_ptr().cast(), data.len(), &mut sent) };
    assert_ne!(sent, usize::MAX);
    (result, sent)
}

fn receive(easy: Raw, capacity: usize) -> Result<Vec<u8>, i32> {
    let (mut buffer, mut received) = (vec![0; capacity], usize::MAX);
    // SAFETY: the buffer has that capacity.
    match unsafe { curlback_easy_recv(easy, buffer.as_mut_ptr().cast::<c_void>(), capacity, &mut received) } {
        0 => {
            buffer.truncate(received);
            Ok(buffer)
        }
        failed => {
            assert_eq!(received, 0);
            Err(failed)
        }
    }
}

/// Waits until the connection's socket can be read, or written to.
fn wait(easy: &Easy, events: i16) {
    let mut socket =
        libc::pollfd { fd: easy.int(info::ACTIVESOCKET).try_into().unwrap(), events, revents: 0 };
    // SAFETY: one descriptor.
    assert_eq!(unsafe { libc::poll(&mut socket, 1, LIMIT.as_millis() as i32) }, 1);
}

fn send_waiting(easy: &Easy, data: &[u8]) {
    let mut done = 0;
    while done < data.len() {
        match send(easy.raw(), &data[done..]) {
            (0, sent) => done += sent,
            (AGAIN, 0) => wait(easy, libc::POLLOUT),
            other => panic!("{other:?}: {}", last_error()),
        }
    }
}

/// All that comes until the peer closes, which is 0 bytes, again and again.
fn receive_all(easy: &Easy) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        match receive(easy.raw(), 1000) {
            Ok(piece) if piece.is_empty() => break,
            Ok(piece) => all.extend(piece),
            Err(AGAIN) => wait(easy, libc::POLLIN),
            Err(failed) => panic!("{failed}: {}", last_error()),
        }
    }
    assert_eq!(receive(easy.raw(), 1000), Ok(Vec::new()));
    all
}

#[test]
fn http_by_hand() {
    let easy = connected(&HttpServer::shared().url("/"));
    assert_eq!(receive(easy.raw(), 10), Err(AGAIN));
    send_waiting(&easy, REQUEST);
    let answer = String::from_utf8(receive_all(&easy)).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhello, world\n"), "{answer}");
    // No buffer, no bytes.
    assert_eq!(receive(easy.raw(), 0), Ok(Vec::new()));
    assert_eq!(send(easy.raw(), b""), (0, 0));
}

/// For nginx, over TLS.
fn to_nginx(nginx: &Nginx) -> Easy {
    let easy = Easy::to(&nginx.https_url("/"));
    easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
    // CURL_HTTP_VERSION_1_1
    easy.set_int(opt::HTTP_VERSION, 2);
    easy.set_int(opt::CONNECT_ONLY, 1);
    easy
}

fn get_from_nginx(easy: &Easy) {
    send_waiting(easy, b"GET /hello.txt HTTP/1.1\r\nHost: by-hand\r\nConnection: close\r\n\r\n");
    let answer = String::from_utf8(receive_all(easy)).unwrap();
    assert!(answer.ends_with("\r\n\r\nhello, world\n"), "{answer}");
}

#[test]
fn http_by_hand_over_tls() {
    let easy = to_nginx(Nginx::shared().unwrap_or_else(|error| panic!("{error}")));
    ok(easy.perform());
    get_from_nginx(&easy);
}

/// What another transfer does not need, and has something to say, libcurl takes for gone bad.
#[test]
fn what_has_arrived_is_not_lost_when_others_that_share_connections_make_transfers() {
    let nginx = Nginx::shared().unwrap_or_else(|error| panic!("{error}"));
    let server = RawServer::start(|mut stream, _| {
        stream.write_all(b"hello")?;
        stream.read(&mut [0]).map(drop)
    });
    let (multi, share) = (Multi::new(), curlback_share_new());
    ok(curlback_share_add(share, CURLBACK_SHARE_CONNECTIONS as i32));
    let greeted = || {
        let easy = Easy::to(&server.url("/"));
        easy.set_int(opt::CONNECT_ONLY, 1);
        easy
    };
    let (in_share, in_multi) = ([greeted(), to_nginx(nginx)], [greeted(), to_nginx(nginx)]);
    for easy in &in_share {
        ok(curlback_easy_set_share(easy.raw(), share));
        ok(easy.perform());
    }
    for easy in &in_multi {
        multi.add(easy);
    }
    ok(curlback_multi_run(multi.raw(), 0));
    // It looks after idle connections once a second. From nginx comes what TLS 1.3 has to say after the handshake.
    thread::sleep(Duration::from_millis(1100));
    let others = [(); 2].map(|()| Easy::to(&HttpServer::shared().url("/hello")));
    ok(curlback_easy_set_share(others[0].raw(), share));
    ok(others[0].perform());
    multi.add(&others[1]);
    ok(curlback_multi_run(multi.raw(), 0));
    for [plain, tls] in [&in_share, &in_multi] {
        assert_eq!(receive(plain.raw(), 10), Ok(b"hello".to_vec()));
        get_from_nginx(tls);
    }
    in_multi.iter().chain(&others[1..]).for_each(|easy| multi.remove(easy));
    curlback_share_release(share);
}

#[test]
fn what_the_socket_does_not_take_is_again_and_nothing_is_lost() {
    const SIZE: usize = 20_000_000;
    let (go, waits) = channel::<()>();
    let waits = std::sync::Mutex::new(waits);
    let (tell, told) = channel();
    let server = RawServer::start(move |mut stream, _| {
        take_little(stream)?;
        waits.lock().unwrap().recv_timeout(LIMIT).unwrap();
        let mut bytes = vec![0; SIZE];
        stream.read_exact(&mut bytes)?;
        tell.send(bytes).unwrap();
        stream.write_all(b"thanks")
    });
    let easy = connected(&server.url("/"));
    let bytes = pattern(0, SIZE);
    let mut done = 0;
    let result = loop {
        match send(easy.raw(), &bytes[done..]) {
            (0, sent) => done += sent,
            (failed, sent) => {
                assert_eq!(sent, 0);
                break failed;
            }
        }
    };
    assert_eq!(result, AGAIN);
    assert!(0 < done && done < SIZE);
    go.send(()).unwrap();
    send_waiting(&easy, &bytes[done..]);
    assert!(told.recv_timeout(LIMIT).unwrap() == bytes);
    assert_eq!(receive_all(&easy), b"thanks");
}

#[test]
fn without_a_connection_of_its_own_there_is_nothing_to_send_to() {
    let check = |easy: &Easy| {
        assert_eq!(send(easy.raw(), b"x"), (code::E_ABSENT, 0));
        assert_eq!(
            last_error(),
            "the handle has no connection of its own: set CONNECT_ONLY and perform first"
        );
        assert_eq!(receive(easy.raw(), 10), Err(code::E_ABSENT));
    };
    let easy = Easy::new();
    check(&easy);
    // A connection that is kept for the next transfer is not the caller's.
    easy.set_url(&HttpServer::shared().url("/hello"));
    easy.on_write(|easy, data| {
        assert_eq!(send(easy, b"x"), (code::E_IN_CALLBACK, 0));
        assert_eq!(receive(easy, 10), Err(code::E_IN_CALLBACK));
        data.len() as i64
    });
    ok(easy.perform());
    check(&easy);
    easy.set_int(opt::CONNECT_ONLY, 1);
    ok(easy.perform());
    send_waiting(&easy, REQUEST);
    ok(curlback_easy_reset(easy.raw()));
    check(&easy);
}

#[test]
fn a_connection_that_was_reset_is_an_error_each_way() {
    let server = RawServer::start(|stream, _| {
        read_request(stream)?;
        reset_on_close(stream)
    });
    let easy = connected(&server.url("/"));
    send_waiting(&easy, REQUEST);
    wait(&easy, libc::POLLIN);
    // RECV_ERROR, and SEND_ERROR as soon as the system knows.
    assert_eq!(receive(easy.raw(), 10), Err(56));
    assert!(wait_until(LIMIT, || send(easy.raw(), b"x").0 == 55));
    assert!(!last_error().is_empty());
}

#[test]
fn the_socket_is_closed_with_the_handle_by_the_callback_that_has_it() {
    let server = RawServer::start(|mut stream, _| stream.read_to_end(&mut Vec::new()).map(drop));
    let before = open_descriptors();
    let easy = Easy::to(&server.url("/"));
    easy.set_int(opt::CONNECT_ONLY, 1);
    let (drops, closed) = (Drops::new(), Drops::new());
    let (token, count) = (drops.token(), closed.clone());
    ok(on_close_socket(easy.raw(), move |_, socket| {
        let _held = &token;
        drop(count.token());
        support::close_socket(socket)
    }));
    ok(on_open_socket(easy.raw(), |_, _, _| curlback_socket_answer::CURLBACK_SOCKET_DEFAULT as isize));
    ok(easy.perform());
    assert!(easy.int(info::ACTIVESOCKET) >= 0);
    send_waiting(&easy, b"some bytes");
    assert_eq!(closed.count(), 0);
    ok(curlback_easy_close(easy.into_raw()));
    assert_eq!((closed.count(), drops.count()), (1, 1));
    drop(server);
    assert!(wait_until(LIMIT, || open_descriptors() <= before + 20));
}

#[test]
fn another_thread_sends_and_receives_when_this_one_is_done() {
    let easy = connected(&HttpServer::shared().url("/")).into_raw().addr();
    thread::spawn(move || {
        let easy = Easy::adopt(without_provenance_mut(easy));
        send_waiting(&easy, REQUEST);
        assert!(!receive_all(&easy).is_empty());
        ok(curlback_easy_set_int(easy.raw(), opt::CONNECT_ONLY, 0));
        easy.set_url(&HttpServer::shared().url("/hello"));
        easy.on_write(|_, data| data.len() as i64);
        ok(easy.perform());
    })
    .join()
    .unwrap();
}
