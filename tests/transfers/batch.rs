//! batch_body: fewer calls of on_write, with the same bytes in the same order, and no delay.

use std::cell::{Cell, RefCell};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::rc::Rc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use curlback::callback::body::curlback_data;
use curlback::callback::debug::curlback_debug;
use curlback::easy::batch::curlback_easy_batch_body;
use curlback::easy::error::curlback_easy_raise;
use curlback::easy::perform::{
    curlback_easy_cancel, curlback_easy_pause, curlback_easy_perform, curlback_pause,
};
use curlback::easy::{curlback_easy_duplicate, curlback_easy_release, curlback_easy_reset};
use curlback::libcurl::tables::opt;
use curlback::libcurl::version;
use curlback::result::code;
use curlback_test_servers::{HttpServer, RawServer, pattern, read_request, wait_until};

use crate::support::multi::Multi;
use crate::support::*;

const DATA_IN: i32 = curlback_debug::CURLBACK_DEBUG_DATA_IN as i32;
const PAUSE: i64 = curlback_data::CURLBACK_PAUSE as i64;
const ALL: i64 = curlback_data::CURLBACK_ALL as i64;
const SEND: i32 = curlback_pause::CURLBACK_PAUSE_SEND as i32;

/// The pieces that on_write got.
type Pieces = Rc<RefCell<Vec<Vec<u8>>>>;

fn batching(path: &str, max: usize) -> (Easy, Pieces) {
    let easy = Easy::to(&HttpServer::shared().url(path));
    let pieces = Pieces::default();
    let into = Rc::clone(&pieces);
    easy.on_write(move |_, data| {
        into.borrow_mut().push(data.to_vec());
        ALL
    });
    ok(curlback_easy_batch_body(easy.raw(), max));
    (easy, pieces)
}

#[track_caller]
fn whole(pieces: &Pieces, len: usize) {
    let all = pieces.borrow().concat();
    assert_eq!(all.len(), len);
    assert!(all == pattern(0, len), "the bytes came in another order");
}

#[test]
fn pieces_are_as_large_as_asked_for_and_the_bytes_are_the_same() {
    for max in [1, 1000, 16384, 65_536, 1 << 20] {
        let len = if max == 1 { 3000 } else { 300_000 };
        let (easy, pieces) = batching(&format!("/bytes/{len}"), max);
        for _ in 0..2 {
            pieces.borrow_mut().clear();
            ok(easy.perform());
            whole(&pieces, len);
            assert!(pieces.borrow().iter().all(|piece| piece.len() <= max), "pieces of more than {max}");
            if max == 1 {
                assert_eq!(pieces.borrow().len(), len);
            }
        }
    }
}

#[test]
fn nothing_waits_for_a_piece_to_be_full() {
    let (easy, pieces) = batching("/trickle/20/20", 1 << 20);
    ok(easy.perform());
    whole(&pieces, 20);
    assert!(pieces.borrow().len() >= 10, "{} pieces: they were kept back", pieces.borrow().len());
}

#[test]
fn headers_that_come_after_the_body_are_told_after_it() {
    let (easy, pieces) = batching("/chunked/50000/1000", 1 << 20);
    let before_trailer = Rc::new(Cell::new(None));
    let (seen, found) = (Rc::clone(&pieces), Rc::clone(&before_trailer));
    easy.on_header(move |_, line| {
        if line.starts_with(b"X-Trailer") {
            found.set(Some(seen.borrow().concat().len()));
        }
        ALL
    });
    ok(easy.perform());
    whole(&pieces, 50_000);
    assert_eq!(before_trailer.get(), Some(50_000));
}

/// Pauses at the piece of that number, and is unpaused by another thread.
fn paused_at(path: &str, len: usize, max: usize, number: usize, in_multi: bool) {
    let (easy, pieces) = batching(path, max);
    let (calls, into) = (Rc::new(Cell::new(0)), Rc::clone(&pieces));
    let calling = Rc::clone(&calls);
    let paused = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let told = std::sync::Arc::clone(&paused);
    easy.on_write(move |_, data| {
        calling.set(calling.get() + 1);
        if calling.get() == number {
            told.store(true, std::sync::atomic::Ordering::SeqCst);
            return PAUSE;
        }
        into.borrow_mut().push(data.to_vec());
        ALL
    });
    let raw = easy.raw().addr();
    let other = thread::spawn(move || {
        assert!(wait_until(LIMIT, || paused.load(std::sync::atomic::Ordering::SeqCst)));
        // More may arrive meanwhile, and must stay where it is.
        ok(curlback_easy_pause(std::ptr::without_provenance_mut(raw), 0));
    });
    if in_multi {
        let multi = Multi::new();
        let ended = multi.collect();
        multi.add(&easy);
        multi.run();
        assert_eq!(*ended.borrow(), [(easy.raw(), 0)]);
        multi.remove(&easy);
    } else {
        ok(easy.perform());
    }
    other.join().unwrap();
    whole(&pieces, len);
    assert!(calls.get() > number);
}

#[test]
fn a_pause_holds_what_was_collected() {
    for in_multi in [false, true] {
        paused_at("/bytes/300000", 300_000, 20_000, 3, in_multi);
        paused_at("/bytes/300000", 300_000, 1000, 100, in_multi);
        // At what is handed over when libcurl has finished already.
        paused_at("/bytes/5000", 5000, 1 << 20, 1, in_multi);
        paused_at("/trickle/5/10", 5, 1 << 20, 2, in_multi);
    }
}

#[test]
fn a_limit_of_time_ends_a_transfer_whose_callback_is_paused() {
    const TIMED_OUT: i32 = 28;
    let (easy, pieces) = batching("/trickle/1000/10", 1 << 20);
    easy.set_int(opt::TIMEOUT_MS, 300);
    let calls = Rc::new(Cell::new(0));
    let calling = Rc::clone(&calls);
    easy.on_write(move |_, _| {
        calling.set(calling.get() + 1);
        PAUSE
    });
    assert_eq!(easy.perform(), TIMED_OUT);
    let multi = Multi::new();
    let ended = multi.collect();
    multi.add(&easy);
    multi.run();
    assert_eq!(*ended.borrow(), [(easy.raw(), TIMED_OUT)]);
    multi.remove(&easy);
    // Unpausing what is over calls nobody.
    ok(curlback_easy_pause(easy.raw(), 0));
    assert_eq!((calls.get(), pieces.borrow().len()), (2, 0));
}

#[test]
fn a_released_handle_does_not_wait_for_its_callback() {
    let (easy, _) = batching("/bytes/5000", 1 << 20);
    let calls = Rc::new(Cell::new(0));
    let calling = Rc::clone(&calls);
    easy.on_write(move |easy, _| {
        calling.set(calling.get() + 1);
        curlback_easy_release(easy);
        assert_eq!(curlback_easy_pause(easy, 0), code::E_HANDLE);
        assert_eq!(last_error(), "not a live curlback_easy: it was closed, or never was one");
        PAUSE
    });
    ok(curlback_easy_perform(easy.into_raw()));
    assert_eq!(calls.get(), 1);
}

#[test]
fn a_callback_that_fails_ends_the_transfer_wherever_it_is_called() {
    for (path, max) in [("/bytes/300000", 1000), ("/bytes/5000", 1 << 20), ("/trickle/50/5", 1 << 20)] {
        let (easy, _) = batching(path, max);
        let calls = Rc::new(Cell::new(0));
        let calling = Rc::clone(&calls);
        easy.on_write(move |easy, _| {
            calling.set(calling.get() + 1);
            // SAFETY: the message ends with NUL.
            ok(unsafe { curlback_easy_raise(easy, 0, 7, c"full".as_ptr(), std::ptr::null_mut(), None) });
            0
        });
        assert_eq!(easy.perform(), 23, "{path}");
        assert_eq!(calls.get(), 1, "{path}");
        let error = easy.error();
        assert_eq!((error.callback, error.code, text(error.message).as_str()), (1, 7, "full"), "{path}");
        let multi = Multi::new();
        let ended = multi.collect();
        multi.add(&easy);
        multi.run();
        assert_eq!((calls.get(), ended.borrow()[0].1), (2, 23), "{path}");
    }
}

#[test]
fn a_cancelled_transfer_hands_nothing_over() {
    let (easy, pieces) = batching("/bytes/300000", 50_000);
    let into = Rc::clone(&pieces);
    easy.on_write(move |easy, data| {
        into.borrow_mut().push(data.to_vec());
        ok(curlback_easy_cancel(easy));
        ALL
    });
    assert_eq!(easy.perform(), code::E_CANCELLED);
    assert_eq!(pieces.borrow().len(), 1);
}

#[test]
fn it_can_be_changed_and_switched_off_inside_the_callback() {
    let (easy, pieces) = batching("/bytes/300000", 1000);
    let into = Rc::clone(&pieces);
    easy.on_write(move |easy, data| {
        into.borrow_mut().push(data.to_vec());
        match into.borrow().len() {
            5 => ok(curlback_easy_batch_body(easy, 7000)),
            8 => ok(curlback_easy_batch_body(easy, 0)),
            12 => ok(curlback_easy_batch_body(easy, 100)),
            _ => {}
        }
        ALL
    });
    ok(easy.perform());
    whole(&pieces, 300_000);
    assert!(pieces.borrow()[..5].iter().all(|piece| piece.len() == 1000));
}

#[test]
fn every_way_of_driving_a_multi_handle_hands_over_before_it_waits() {
    let (slow, slow_pieces) = batching("/trickle/20/10", 1 << 20);
    let (fast, fast_pieces) = batching("/bytes/300000", 30_000);
    let multi = Multi::new();
    for run in [true, false] {
        multi.add(&slow);
        multi.add(&fast);
        if run {
            multi.run()
        } else {
            multi.perform_all()
        }
        assert_eq!(multi.all_done().len(), 2);
        whole(&slow_pieces, 20);
        whole(&fast_pieces, 300_000);
        assert!(slow_pieces.borrow().len() >= 10);
        for (easy, pieces) in [(&slow, &slow_pieces), (&fast, &fast_pieces)] {
            multi.remove(easy);
            pieces.borrow_mut().clear();
        }
    }
}

#[test]
fn a_duplicate_batches_and_a_reset_handle_does_not() {
    let (easy, pieces) = batching("/bytes/3000", 100);
    let mut copy = std::ptr::null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    let copy = Easy::adopt(copy);
    ok(copy.perform());
    assert_eq!(pieces.borrow().len(), 30);
    ok(curlback_easy_reset(copy.raw()));
    copy.set_url(&HttpServer::shared().url("/bytes/3000"));
    let (calls, calling) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let counted = Rc::clone(&calls);
    copy.on_write(move |_, data| {
        counted.set(counted.get() + 1);
        calling.set(data.len());
        ALL
    });
    ok(copy.perform());
    assert_eq!(calls.get(), 1);
}

/// An upload that its callback, or its caller, has paused stays so while what came meanwhile is held back.
#[test]
fn holding_back_what_was_collected_does_not_resume_sending() {
    for by_callback in [true, false] {
        if !by_callback && version::number() < version::version(8, 0, 0) {
            // 7.88.1 asks once more when its caller pauses sending alone.
            skipped("pausing an upload at once", "libcurl 8.0 or newer");
            continue;
        }
        let held = Arc::new(AtomicBool::new(false));
        let (is_held, (tell, told)) = (Arc::clone(&held), mpsc::channel());
        let first = if by_callback { 10 } else { 15 };
        let server = RawServer::start(move |mut stream, _| {
            let mut lines = BufReader::with_capacity(1, stream).lines();
            while !lines.next().ok_or(ErrorKind::UnexpectedEof)??.is_empty() {}
            stream.read_exact(&mut vec![0; first])?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst")?;
            assert!(wait_until(LIMIT, || is_held.load(SeqCst)));
            stream.set_read_timeout(Some(Duration::from_millis(100)))?;
            let came = stream.read(&mut [0; 1]);
            tell.send(came.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)).unwrap();
            stream.set_read_timeout(Some(LIMIT))?;
            stream.read_exact(&mut vec![0; 20 - first])?;
            stream.write_all(b"later")
        });
        let easy = Easy::to(&server.url("/"));
        easy.set_int(opt::UPLOAD, 1);
        easy.set_int(opt::INFILESIZE_LARGE, 20);
        easy.set_int(opt::EXPECT_100_TIMEOUT_MS, 1);
        ok(curlback_easy_batch_body(easy.raw(), 1 << 20));
        let asked = Rc::new(Cell::new(0));
        let count = Rc::clone(&asked);
        easy.on_read(move |easy, _| {
            count.set(count.get() + 1);
            match count.get() {
                1 => 10,
                2 if by_callback => PAUSE,
                2 => {
                    ok(curlback_easy_pause(easy, SEND));
                    5
                }
                _ => 20 - first as i64,
            }
        });
        let (body, at_first) = (Rc::new(RefCell::new(Vec::new())), Cell::new(true));
        let into = Rc::clone(&body);
        easy.on_write(move |_, data| {
            if at_first.take() {
                held.store(true, SeqCst);
                return PAUSE;
            }
            into.borrow_mut().extend_from_slice(data);
            ALL
        });
        let raw = easy.raw().addr();
        let other = thread::spawn(move || {
            let nothing_came = told.recv_timeout(LIMIT);
            ok(curlback_easy_pause(std::ptr::without_provenance_mut(raw), 0));
            nothing_came
        });
        ok(easy.perform());
        assert_eq!(other.join().unwrap(), Ok(true), "{by_callback}: more was sent");
        assert_eq!((body.take(), asked.get()), (b"firstlater".to_vec(), 3), "{by_callback}");
    }
}

/// How much libcurl received at a time at most, as it says in on_debug, of a body that is there before it looks.
fn received_at_once(easy: &Easy) -> usize {
    const BODY: usize = 40_000;
    let (tell, there) = mpsc::channel();
    let server = RawServer::start(move |mut stream, _| {
        read_request(stream)?;
        stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {BODY}\r\n\r\n").as_bytes())?;
        stream.write_all(&pattern(0, BODY))?;
        tell.send(()).unwrap();
        Ok(())
    });
    easy.set_url(&server.url("/"));
    easy.on_header(move |_, line| {
        if line == b"\r\n" {
            there.recv_timeout(LIMIT).unwrap();
        }
        line.len() as i64
    });
    let most = Rc::new(Cell::new(0));
    let seen = Rc::clone(&most);
    easy.on_debug(move |_, kind, data| {
        if kind == DATA_IN {
            seen.set(seen.get().max(data.len()));
        }
    });
    ok(easy.perform());
    most.get()
}

#[test]
fn libcurl_receives_as_much_as_is_collected_unless_it_is_told_otherwise() {
    const USUAL: usize = 16 << 10;
    let (easy, pieces) = batching("/hello", 1 << 20);
    ok(curlback_easy_batch_body(easy.raw(), 0));
    assert!(received_at_once(&easy) <= USUAL);
    ok(curlback_easy_batch_body(easy.raw(), 1 << 20));
    assert!(received_at_once(&easy) > USUAL);
    let mut copy = std::ptr::null_mut();
    // SAFETY: the copy can be written to.
    ok(unsafe { curlback_easy_duplicate(easy.raw(), &mut copy) });
    assert!(received_at_once(&Easy::adopt(copy)) > USUAL);
    ok(curlback_easy_batch_body(easy.raw(), 0));
    assert!(received_at_once(&easy) <= USUAL);
    ok(curlback_easy_batch_body(easy.raw(), 1 << 20));
    easy.set_int(opt::BUFFERSIZE, 5000);
    assert_eq!(received_at_once(&easy), 5000);
    ok(curlback_easy_reset(easy.raw()));
    easy.on_write(|_, _| ALL);
    ok(curlback_easy_batch_body(easy.raw(), 1 << 20));
    assert!(received_at_once(&easy) > USUAL);
    assert_eq!(pieces.borrow().concat().len(), 5 * 40_000);
}
