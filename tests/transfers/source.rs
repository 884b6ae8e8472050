//! Where an upload comes from.

use std::cell::{Cell, RefCell};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::AsRawFd;
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use curlback::callback::body::curlback_data::{CURLBACK_ABORT, CURLBACK_PAUSE};
use curlback::callback::curlback_callback::{CURLBACK_CALLBACK_NONE, CURLBACK_CALLBACK_READ};
use curlback::easy::perform::curlback_easy_pause;
use curlback::easy::source::{
    curlback_easy_clear_source, curlback_easy_read_from_fd, curlback_easy_read_from_file,
    curlback_easy_read_from_memory,
};
use curlback::libcurl::tables::opt;
use curlback::library::curlback_libcurl_version_number;
use curlback_test_servers::{RawServer, pattern, read_request};

use crate::support::{Easy, LIMIT, Raw, last_error, ok, on_read};
use crate::{
    Stream, closed_descriptor, collect, collect_headers, do_not_block, limited, memory_file, pipe, to, upload,
};

const READ_ERROR: i32 = 26;
const ABORTED: i32 = 42;

pub fn read_from_memory(easy: &Easy, bytes: &[u8]) {
    // SAFETY: the slice is there.
    ok(unsafe { curlback_easy_read_from_memory(easy.raw(), bytes.as_ptr().cast(), bytes.len()) });
}

pub fn read_from_file(easy: &Easy, stream: &Stream) {
    // SAFETY: the callers keep the stream open for as long as the handle uses it.
    ok(unsafe { curlback_easy_read_from_file(easy.raw(), stream.0) });
}

/// Supplies `bytes` in pieces of at most `piece`, from where `position` says.
pub fn supply(easy: &Easy, bytes: Vec<u8>, piece: usize, position: &Rc<Cell<usize>>) {
    let position = position.clone();
    easy.on_read(move |_, buffer| {
        let rest = &bytes[position.get()..];
        let count = rest.len().min(piece).min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        position.set(position.get() + count);
        count as i64
    });
}

/// Performs and expects that /echo got these bytes.
#[track_caller]
pub fn echoes(easy: &Easy, bytes: &[u8], known: bool) {
    let (body, headers) = (collect(easy), collect_headers(easy));
    ok(easy.perform());
    assert!(*body.borrow() == bytes, "{} bytes came back instead of {}", body.borrow().len(), bytes.len());
    let headers = headers.borrow();
    let expected = if known {
        [format!("x-content-length: {}", bytes.len()), "x-transfer-encoding: none".to_owned()]
    } else {
        ["x-content-length: none".to_owned(), "x-transfer-encoding: chunked".to_owned()]
    };
    for line in expected {
        assert!(
            headers.iter().any(|header| header.trim_end().eq_ignore_ascii_case(&line)),
            "{line}: {headers:?}"
        );
    }
}

#[test]
fn on_read_sends_every_byte_with_and_without_a_known_size() {
    for (size, piece) in [(1, 1), (1000, 7), (100_000, 999), (300_000, usize::MAX)] {
        for known in [true, false] {
            let easy = to("/echo");
            let bytes = pattern(0, size);
            upload(&easy, known.then_some(size));
            let position = Rc::new(Cell::new(0));
            supply(&easy, bytes.clone(), piece, &position);
            echoes(&easy, &bytes, known);
            assert_eq!(position.get(), size);
        }
    }
}

#[test]
fn on_read_is_asked_for_no_more_than_is_left_of_a_known_size() {
    let easy = to("/echo");
    upload(&easy, Some(1000));
    let asked = Rc::new(RefCell::new(Vec::new()));
    let seen = asked.clone();
    easy.on_read(move |_, buffer| {
        seen.borrow_mut().push(buffer.len());
        let left = 1000 - 400 * (seen.borrow().len() - 1);
        let count = buffer.len().min(400).min(left);
        buffer[..count].copy_from_slice(&pattern(0, count));
        count as i64
    });
    echoes(&easy, &[pattern(0, 400), pattern(0, 400), pattern(0, 200)].concat(), true);
    // Older ones ask for as much as they have room for.
    if curlback_libcurl_version_number() >= 0x08_07_00 {
        assert_eq!(*asked.borrow(), [1000, 600, 200]);
    }
}

#[test]
fn nothing_at_once_sends_an_empty_body() {
    let easy = to("/echo");
    upload(&easy, None);
    let calls = Rc::new(Cell::new(0));
    let counted = calls.clone();
    easy.on_read(move |_, _| {
        counted.set(counted.get() + 1);
        0
    });
    echoes(&easy, b"", false);
    assert_eq!(calls.get(), 1);
}

#[test]
fn a_body_that_ends_before_its_known_size_is_an_error() {
    let server = RawServer::start(|stream, _| read_request(stream).map(drop));
    let easy = limited(&server.url("/"));
    upload(&easy, Some(100));
    let position = Rc::new(Cell::new(0));
    supply(&easy, pattern(0, 50), 50, &position);
    let _body = collect(&easy);
    easy.set_int(opt::TIMEOUT_MS, 2000);
    let result = easy.perform();
    // libcurl notices by itself since 8.7; before, it waits for an answer that does not come.
    assert!([18, READ_ERROR, 28].contains(&result), "{result}: {}", last_error());
    assert_eq!(position.get(), 50);
}

#[test]
fn a_read_that_pauses_is_called_again_after_unpausing() {
    let easy = to("/echo");
    let raw = easy.raw() as usize;
    upload(&easy, None);
    let (paused, is_paused) = mpsc::channel();
    let events = Rc::new(RefCell::new(Vec::new()));
    let seen = events.clone();
    easy.on_read(move |_, buffer| {
        let mut seen = seen.borrow_mut();
        let answer = match seen.len() {
            0 => 3,
            1 => {
                paused.send(()).unwrap();
                CURLBACK_PAUSE as i64
            }
            2 => 2,
            _ => 0,
        };
        seen.push(answer);
        if answer > 0 {
            buffer[..answer as usize].fill(b'a' + answer as u8);
        } else {
            // Nothing of this may be sent.
            buffer.fill(b'!');
        }
        answer
    });
    let unpause = thread::spawn(move || {
        is_paused.recv_timeout(LIMIT).unwrap();
        curlback_easy_pause(raw as Raw, 0)
    });
    echoes(&easy, b"dddcc", false);
    ok(unpause.join().unwrap());
    assert_eq!(*events.borrow(), [3, CURLBACK_PAUSE as i64, 2, 0]);
}

/// Takes all that comes until the client goes away.
fn recording() -> (RawServer, mpsc::Receiver<Vec<u8>>) {
    let (received, all) = mpsc::channel();
    let server = RawServer::start(move |mut stream, _| {
        let mut bytes = Vec::new();
        // A reset ends it too.
        let _ = stream.read_to_end(&mut bytes);
        received.send(bytes).map_err(std::io::Error::other)
    });
    (server, all)
}

#[test]
fn nonsense_from_on_read_ends_the_transfer_and_none_of_it_is_sent() {
    let negative = [CURLBACK_ABORT as i64, -3, -4, -0x1000_0000, i64::from(i32::MIN), i64::MIN];
    let too_much = [0x1000_0000, 0x1000_0001, i64::from(i32::MAX), 1 << 32, (1 << 32) + 1, i64::MAX, 0];
    let all = negative
        .iter()
        .map(|answer| (*answer, ABORTED))
        .chain(too_much.iter().map(|answer| (*answer, READ_ERROR)));
    for (answer, expected) in all {
        for known in [None, Some(100)] {
            let (server, received) = recording();
            let easy = limited(&server.url("/"));
            upload(&easy, known);
            // The server does not answer Expect.
            easy.set_int(opt::EXPECT_100_TIMEOUT_MS, 1);
            let _body = collect(&easy);
            let calls = Rc::new(Cell::new(0));
            let counted = calls.clone();
            easy.on_read(move |_, buffer| {
                counted.set(counted.get() + 1);
                buffer.fill(b'!');
                // 0 stands for one byte more than there is room for.
                if answer == 0 { buffer.len() as i64 + 1 } else { answer }
            });
            assert_eq!(easy.perform(), expected, "{answer}, {known:?}: {}", last_error());
            assert!(last_error().contains("read callback"), "{}", last_error());
            let error = easy.error();
            assert_eq!((error.result, error.curl_code), (expected, expected));
            assert_eq!(error.callback, CURLBACK_CALLBACK_READ as i32);
            assert_eq!(calls.get(), 1, "{answer}, {known:?}");
            drop(easy);
            let received = received.recv_timeout(LIMIT).unwrap();
            let text = String::from_utf8_lossy(&received);
            assert!(!text.contains('!'), "{answer}, {known:?}: {text}");
        }
    }
}

#[test]
fn the_handle_is_usable_after_a_read_that_failed() {
    let easy = to("/echo");
    upload(&easy, None);
    let _body = collect(&easy);
    easy.on_read(|_, _| CURLBACK_ABORT as i64);
    assert_eq!(easy.perform(), ABORTED);
    supply(&easy, pattern(0, 10), 10, &Rc::default());
    echoes(&easy, &pattern(0, 10), false);
    assert_eq!(easy.error().callback, CURLBACK_CALLBACK_NONE as i32);
}

#[test]
fn on_read_replaced_inside_itself_is_called_no_more() {
    let easy = to("/echo");
    upload(&easy, None);
    easy.on_read(|raw, buffer| {
        buffer[0] = b'1';
        let left = Cell::new(true);
        ok(on_read(raw, move |_, buffer| {
            buffer[0] = b'2';
            i64::from(left.replace(false))
        }));
        1
    });
    echoes(&easy, b"12", false);
}

#[test]
fn the_source_can_change_inside_the_callback() {
    let easy = to("/echo");
    upload(&easy, None);
    easy.on_read(|raw, buffer| {
        buffer[0] = b'1';
        ok(curlback_easy_clear_source(raw));
        // SAFETY: the bytes are there.
        ok(unsafe { curlback_easy_read_from_memory(raw, b"234".as_ptr().cast(), 3) });
        1
    });
    echoes(&easy, b"1234", false);
}

#[test]
fn a_file_a_descriptor_and_memory_are_sent_as_they_are() {
    for size in [0, 1, 1000, 300_000] {
        for known in [true, false] {
            let bytes = pattern(0, size);
            let sized = known.then_some(size);

            let easy = to("/echo");
            upload(&easy, sized);
            read_from_memory(&easy, &bytes);
            echoes(&easy, &bytes, known);

            let stream = Stream::with(&bytes);
            let easy = to("/echo");
            upload(&easy, sized);
            read_from_file(&easy, &stream);
            echoes(&easy, &bytes, known);

            let mut file = memory_file();
            file.write_all(&bytes).unwrap();
            file.seek(SeekFrom::Start(0)).unwrap();
            let easy = to("/echo");
            upload(&easy, sized);
            ok(curlback_easy_read_from_fd(easy.raw(), file.as_raw_fd()));
            echoes(&easy, &bytes, known);
        }
    }
}

#[test]
fn a_file_and_a_descriptor_are_sent_from_where_they_stand() {
    let bytes = pattern(0, 1000);
    let mut file = memory_file();
    file.write_all(&bytes).unwrap();
    file.seek(SeekFrom::Start(400)).unwrap();
    let easy = to("/echo");
    upload(&easy, None);
    ok(curlback_easy_read_from_fd(easy.raw(), file.as_raw_fd()));
    echoes(&easy, &bytes[400..], false);
    // It stands at its end now.
    echoes(&easy, b"", false);

    let stream = Stream::with(&bytes);
    // SAFETY: the stream is open.
    assert_eq!(unsafe { libc::fseek(stream.0, 700, libc::SEEK_SET) }, 0);
    let easy = to("/echo");
    upload(&easy, None);
    read_from_file(&easy, &stream);
    echoes(&easy, &bytes[700..], false);
}

#[test]
fn memory_is_copied_and_sent_from_its_beginning_in_each_perform() {
    let easy = to("/echo");
    upload(&easy, Some(1000));
    let mut bytes = pattern(0, 1000);
    read_from_memory(&easy, &bytes);
    bytes.fill(b'!');
    drop(bytes);
    for _ in 0..3 {
        echoes(&easy, &pattern(0, 1000), true);
    }
    // Another replaces it.
    read_from_memory(&easy, b"other");
    upload(&easy, Some(5));
    echoes(&easy, b"other", true);
}

#[test]
fn memory_of_no_bytes_is_an_empty_body() {
    let easy = to("/echo");
    upload(&easy, Some(0));
    read_from_memory(&easy, b"");
    echoes(&easy, b"", true);
    upload(&easy, None);
    echoes(&easy, b"", false);
}

#[test]
fn a_descriptor_that_does_not_block_is_waited_for() {
    let (reading, writing) = pipe();
    do_not_block(&reading);
    let easy = to("/echo");
    upload(&easy, None);
    ok(curlback_easy_read_from_fd(easy.raw(), reading.as_raw_fd()));
    // Another source of events: the second half is written when the first one has left.
    let sent = Arc::new((Mutex::new(0), std::sync::Condvar::new()));
    let seen = sent.clone();
    easy.on_xferinfo(move |_, [_, _, _, sent]| {
        *seen.0.lock().unwrap() = sent;
        seen.1.notify_all();
        0
    });
    let writer = thread::spawn(move || {
        let mut writing = std::fs::File::from(writing);
        writing.write_all(&pattern(0, 500)).unwrap();
        let none = |sent: &mut i64| *sent == 0;
        // libcurl may hold the first half back until it has the second: then this waits no longer than needed for EAGAIN.
        let limit = std::time::Duration::from_millis(300);
        drop(sent.1.wait_timeout_while(sent.0.lock().unwrap(), limit, none).unwrap());
        writing.write_all(&pattern(500, 500)).unwrap();
    });
    echoes(&easy, &pattern(0, 1000), false);
    writer.join().unwrap();
}

#[test]
fn a_source_that_cannot_be_read_ends_the_transfer_with_the_systems_reason() {
    let (_reading, writing) = pipe();
    let write_only = Stream::open("/dev/null", "w");
    type Set<'a> = &'a dyn Fn(&Easy);
    let sources: [(&str, Set); 3] = [
        ("read_from_fd", &|easy| ok(curlback_easy_read_from_fd(easy.raw(), closed_descriptor()))),
        ("read_from_fd", &|easy| ok(curlback_easy_read_from_fd(easy.raw(), writing.as_raw_fd()))),
        ("read_from_file", &|easy| read_from_file(easy, &write_only)),
    ];
    for (function, set) in sources {
        let easy = to("/echo");
        upload(&easy, None);
        let _body = collect(&easy);
        set(&easy);
        assert_eq!(easy.perform(), READ_ERROR);
        let sentence = last_error();
        assert!(sentence.contains(function) && sentence.contains("Bad file descriptor"), "{sentence}");
        let error = easy.error();
        assert_eq!((error.result, error.curl_code, error.callback), (READ_ERROR, ABORTED, 0));
        ok(curlback_easy_clear_source(easy.raw()));
        read_from_memory(&easy, b"bytes");
        echoes(&easy, b"bytes", false);
    }
}

#[test]
fn post_reads_from_the_source_too() {
    let easy = to("/echo");
    easy.set_int(opt::POST, 1);
    easy.set_int(opt::POSTFIELDSIZE_LARGE, 1000);
    read_from_memory(&easy, &pattern(0, 1000));
    echoes(&easy, &pattern(0, 1000), true);
}
