//! The same transfers by HTTP/1.1 with limits, by HTTP/2 on one connection, by FTP, and mixed.

use std::rc::Rc;
use std::time::{Duration, Instant};

use curlback::libcurl::tables::{mopt, opt};
use curlback::library::{curlback_has_feature, curlback_libcurl_version_number};
use curlback::multi::options::curlback_multi_set_int;
use curlback_test_servers::{Ftp, HttpServer, Nginx, pattern};

use crate::foreign::Loop;
use crate::support::multi::*;
use crate::support::*;
use crate::{Body, HELLO, collect_body};

const HTTP_2: i64 = 3;

fn set(multi: &Multi, option: i32, value: i64) {
    ok(curlback_multi_set_int(multi.raw(), option, value));
}

fn all_are_over(ended: &Ended, transfers: &[(Easy, Body)]) {
    assert_eq!(ended.borrow().len(), transfers.len());
    for (easy, _) in transfers {
        assert!(ended.borrow().contains(&(easy.raw(), 0)), "{:?}", ended.borrow());
    }
}

/// Each way of driving.
fn every_way(drive: impl Fn(&Multi, &dyn Fn(&Multi))) {
    drive(&Multi::new(), &|multi| multi.run());
    drive(&Multi::new(), &|multi| multi.perform_all());
    let multi = Multi::new();
    let foreign = Loop::on(&multi);
    drive(&multi, &|multi| foreign.run(multi));
}

#[test]
fn http_1_1_keeps_to_its_limits_of_connections() {
    for (option, limit) in [
        (mopt::MAX_HOST_CONNECTIONS, 1),
        (mopt::MAX_HOST_CONNECTIONS, 4),
        (mopt::MAX_TOTAL_CONNECTIONS, 1),
        (mopt::MAX_TOTAL_CONNECTIONS, 3),
    ] {
        every_way(|multi, drive| {
            let server = HttpServer::start();
            set(multi, option, limit);
            let ended = multi.collect();
            let transfers: Vec<_> = (0..40)
                .map(|n| {
                    let easy = Easy::to(&server.url(&format!("/bytes/{}", n * 1000)));
                    let body = collect_body(&easy);
                    multi.add(&easy);
                    (easy, body)
                })
                .collect();
            drive(multi);
            all_are_over(&ended, &transfers);
            for (n, (_, body)) in transfers.iter().enumerate() {
                assert_eq!(*body.borrow(), pattern(0, n * 1000));
            }
            assert_eq!(server.requests(), 40);
            assert!(server.connections() <= limit as usize, "{} of {limit}", server.connections());
        });
    }
}

#[test]
fn what_waits_for_a_connection_can_be_cancelled_and_closed() {
    let server = HttpServer::start();
    let multi = Multi::new();
    set(&multi, mopt::MAX_TOTAL_CONNECTIONS, 1);
    let ended = multi.collect();
    let first = Easy::to(&server.url("/hang"));
    multi.add(&first);
    let waiting: Vec<_> = (0..4).map(|_| Easy::to(&server.url("/hello"))).collect();
    for easy in &waiting {
        easy.on_write(|_, data| data.len() as i64);
        multi.add(easy);
    }
    let end = Instant::now() + LIMIT;
    while !server.wait_stalled("/hang", Duration::from_millis(5)) {
        assert!(Instant::now() < end);
        assert_eq!(multi.perform(), (0, 5));
    }
    let [a, b, c, d] = <[Easy; 4]>::try_from(waiting).ok().unwrap();
    ok(curlback::easy::perform::curlback_easy_cancel(a.raw()));
    multi.remove(&b);
    drop(c);
    assert_eq!(multi.perform(), (0, 2));
    assert_eq!(*ended.borrow(), [(a.raw(), curlback::result::code::E_CANCELLED)]);
    ok(curlback::easy::perform::curlback_easy_cancel(first.raw()));
    multi.run();
    assert_eq!(ended.borrow().last(), Some(&(d.raw(), 0)));
    assert_eq!(ended.borrow().len(), 3);
}

/// A transfer by HTTP/2 that waits for a connection that others have begun.
fn by_http_2(nginx: &Nginx, path: &str) -> (Easy, Body) {
    let easy = Easy::to(&nginx.https_url(path));
    easy.set_int(opt::HTTP_VERSION, HTTP_2);
    easy.set_int(opt::PIPEWAIT, 1);
    easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
    let body = collect_body(&easy);
    (easy, body)
}

fn has_http_2() -> bool {
    // SAFETY: the name ends with NUL.
    unsafe { curlback_has_feature(c"HTTP2".as_ptr()) }
}

#[test]
fn http_2_multiplexes_all_of_them_on_one_connection() {
    let Ok(nginx) = Nginx::shared() else { return skipped("HTTP/2", "nginx") };
    if !has_http_2() {
        return skipped("multiplexing", "HTTP/2");
    }
    every_way(|multi, drive| {
        set(multi, mopt::PIPELINING, 2);
        let ended = multi.collect();
        let transfers: Vec<_> =
            (0..60).map(|n| by_http_2(nginx, if n % 2 == 0 { "/hello.txt" } else { "/small.txt" })).collect();
        let sockets = Rc::new(std::cell::Cell::new(0));
        for (easy, _) in &transfers {
            let counter = Rc::clone(&sockets);
            ok(on_open_socket(easy.raw(), move |_, _, _| {
                counter.set(counter.get() + 1);
                -2
            }));
            multi.add(easy);
        }
        drive(multi);
        all_are_over(&ended, &transfers);
        for (n, (easy, body)) in transfers.iter().enumerate() {
            let expected = if n % 2 == 0 { HELLO.to_vec() } else { pattern(0, 100) };
            assert_eq!(*body.borrow(), expected);
            assert_eq!(easy.int(curlback::libcurl::tables::info::HTTP_VERSION), HTTP_2);
        }
        assert_eq!(sockets.get(), 1);
    });
}

#[test]
fn one_stream_of_many_is_paused_cancelled_or_interrupted_alone() {
    let Ok(nginx) = Nginx::shared() else { return skipped("HTTP/2", "nginx") };
    if !has_http_2() {
        return skipped("multiplexing", "HTTP/2");
    }
    // No larger one: newer versions of nghttp2 end the whole connection (ENHANCE_YOUR_CALM) where too much arrives for ended streams.
    const SIZE: usize = 1 << 20;
    let big = "/1MiB.bin";
    let multi = Multi::new();
    let ended = multi.collect();
    let count = |easy: &Easy, at: usize, act: Box<dyn Fn(Raw) -> i64>| {
        let (done, total) = (std::cell::Cell::new(false), Rc::new(std::cell::Cell::new(0)));
        let into = Rc::clone(&total);
        easy.on_write(move |easy, data| {
            if into.get() > at && !done.replace(true) {
                return act(easy);
            }
            into.set(into.get() + data.len());
            data.len() as i64
        });
        total
    };
    let [cancelled, interrupted, paused, plain] = [(); 4].map(|()| by_http_2(nginx, big).0);
    count(&cancelled, 100_000, Box::new(|easy| curlback::easy::perform::curlback_easy_cancel(easy).into()));
    count(
        &interrupted,
        200_000,
        Box::new(|easy| {
            // SAFETY: no message.
            ok(unsafe {
                curlback::easy::error::curlback_easy_raise(
                    easy,
                    1,
                    0,
                    std::ptr::null(),
                    std::ptr::null_mut(),
                    None,
                )
            });
            0
        }),
    );
    let paused_total = count(&paused, 300_000, Box::new(|_| -2));
    let plain_total = count(&plain, usize::MAX, Box::new(|_| 0));
    for easy in [&cancelled, &interrupted, &paused, &plain] {
        multi.add(easy);
    }
    assert_eq!(
        curlback::multi::run::curlback_multi_run(multi.raw(), UNTIL_DONE),
        curlback::result::code::E_RAISED
    );
    let end = Instant::now() + LIMIT;
    // The others may have to wait for it: they share the connection's window.
    while paused_total.get() <= 300_000 {
        assert!(Instant::now() < end, "{}", paused_total.get());
        ok(multi.perform().0);
        ok(multi.poll(5));
    }
    assert!(paused_total.get() < SIZE);
    ok(curlback::easy::perform::curlback_easy_pause(paused.raw(), 0));
    multi.run();
    assert_eq!((paused_total.get(), plain_total.get()), (SIZE, SIZE));
    let results =
        |easy: &Easy| ended.borrow().iter().find(|(raw, _)| *raw == easy.raw()).map(|(_, result)| *result);
    use curlback::result::code;
    assert_eq!(results(&cancelled), Some(code::E_CANCELLED));
    assert_eq!(results(&interrupted), Some(code::E_RAISED));
    assert_eq!((results(&paused), results(&plain)), (Some(0), Some(0)));
}

#[test]
fn ftp_and_everything_else_go_together() {
    let (Ok(ftp), Ok(nginx)) = (Ftp::shared(), Nginx::shared()) else {
        return skipped("a mix of protocols", "pyftpdlib and nginx");
    };
    // SAFETY: the name ends with NUL.
    let h2 = has_http_2();
    every_way(|multi, drive| {
        let ended = multi.collect();
        let server = HttpServer::start();
        let mut transfers = Vec::new();
        for n in 0..5 {
            for url in [
                ftp.url(&format!("/many/file00{n}.txt")),
                server.url("/hello"),
                nginx.http_url("/hello.txt"),
                "file:///dev/null".into(),
            ] {
                let easy = Easy::to(&url);
                let body = collect_body(&easy);
                transfers.push((easy, body));
            }
            let (easy, body) = by_http_2(nginx, "/hello.txt");
            if !h2 {
                easy.set_int(opt::HTTP_VERSION, 2);
            }
            transfers.push((easy, body));
        }
        for (easy, _) in &transfers {
            multi.add(easy);
        }
        drive(multi);
        all_are_over(&ended, &transfers);
        for (n, round) in transfers.chunks(5).enumerate() {
            let bodies: Vec<Vec<u8>> = round.iter().map(|(_, body)| body.borrow().clone()).collect();
            let file = format!("{n}\n").into_bytes();
            assert_eq!(bodies, [&file, HELLO, HELLO, b"", HELLO]);
        }
    });
}

#[test]
fn ftp_transfers_of_many_at_once_wait_for_their_logins() {
    let Ok(ftp) = Ftp::shared() else { return skipped("FTP", "pyftpdlib") };
    if curlback_libcurl_version_number() < 0x08_00_00 {
        return skipped("FTP with a limit of connections in somebody else's loop", "libcurl 8.0.0 or newer");
    }
    every_way(|multi, drive| {
        set(multi, mopt::MAX_HOST_CONNECTIONS, 3);
        let ended = multi.collect();
        let transfers: Vec<_> = (0..20)
            .map(|n| {
                let easy = Easy::to(&ftp.url(&format!("/many/file{n:03}.txt")));
                let body = collect_body(&easy);
                multi.add(&easy);
                (easy, body)
            })
            .collect();
        drive(multi);
        all_are_over(&ended, &transfers);
        for (n, (_, body)) in transfers.iter().enumerate() {
            assert_eq!(*body.borrow(), format!("{n}\n").as_bytes());
        }
    });
}
