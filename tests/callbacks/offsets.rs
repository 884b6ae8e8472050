//! Sizes and offsets beyond 4 GiB, in every place that has one. Nothing of that size is sent: files have holes, servers only claim.

use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Write as _};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};

use curlback::callback::ftp::curlback_chunk;
use curlback::easy::source::{curlback_easy_read_from_fd, curlback_easy_read_from_file};
use curlback::libcurl::tables::{info, opt};
use curlback::mime::callbacks::curlback_mime_part_callbacks;
use curlback::mime::part::curlback_mime_part_file;
use curlback::mime::sending::curlback_easy_set_mime;
use curlback::mime::{curlback_mime_add, curlback_mime_close, curlback_mime_new};
use curlback_test_servers::RawServer;
use tempfile::NamedTempFile;

use crate::request::{body, quiet};
use crate::support::{Easy, LIMIT, Raw, last_error, ok};
use crate::wildcard::{Download, Event, server};

/// Whatever keeps 32 bits of it, signed or not, keeps something else.
const FAR: i64 = (4 << 30) + 123;
const SKIP: i32 = curlback_chunk::CURLBACK_CHUNK_SKIP as i32;

/// What is there.
const TAIL: &[u8] = b"the very end";
const SIZE: i64 = FAR + TAIL.len() as i64;

/// A file of that size, all hole but for its end.
fn file_with_a_hole() -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    file.as_file().write_all_at(TAIL, FAR as u64).unwrap();
    file
}

/// Takes requests, of whose bodies it reads what comes of `expected` bytes, and tells of their heads and bodies.
fn taking(expected: usize) -> (RawServer, Receiver<(String, Vec<u8>)>) {
    let (tell, told) = channel();
    let server = RawServer::start(move |mut stream, _| {
        let head = read_head(stream)?;
        let mut body = vec![0; expected];
        stream.read_exact(&mut body)?;
        tell.send((head, body)).expect("the test waits");
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
        stream.shutdown(Shutdown::Write)
    });
    (server, told)
}

fn read_head(mut stream: &TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8(head).unwrap())
}

/// A handle that collects its body, and does not wait for "100 Continue". What hangs fails.
fn limited(url: &str) -> Easy {
    let easy = quiet(url);
    easy.set_int(opt::TIMEOUT, 5);
    easy.set_int(opt::EXPECT_100_TIMEOUT_MS, 1);
    easy
}

fn put(url: &str) -> Easy {
    let easy = limited(url);
    easy.set_int(opt::UPLOAD, 1);
    easy
}

#[test]
fn a_download_resumes_beyond_4_gib() {
    let server = RawServer::start(|mut stream, _| {
        let head = read_head(stream)?;
        assert!(head.contains(&format!("\r\nRange: bytes={FAR}-\r\n")), "{head}");
        let (last, len) = (SIZE - 1, TAIL.len());
        write!(stream, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {FAR}-{last}/{SIZE}\r\n")?;
        write!(stream, "Content-Length: {len}\r\n\r\n")?;
        stream.write_all(TAIL)
    });
    let easy = limited(&server.url("/"));
    easy.set_int(opt::RESUME_FROM_LARGE, FAR);
    ok(easy.perform());
    assert_eq!(body(&easy).as_bytes(), TAIL);
}

#[test]
fn a_file_is_read_from_beyond_4_gib() {
    let file = file_with_a_hole();
    let easy = limited(&format!("file://{}", file.path().display()));
    easy.set_int(opt::RESUME_FROM_LARGE, FAR);
    ok(easy.perform());
    assert_eq!(body(&easy).as_bytes(), TAIL);
}

#[test]
fn a_size_beyond_4_gib_is_told_by_the_info_and_by_the_old_progress_callback() {
    let server = RawServer::start(|mut stream, _| {
        read_head(stream)?;
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\nbegin")
    });
    let easy = limited(&server.url("/"));
    let total = Rc::new(Cell::new(0.0));
    let seen = Rc::clone(&total);
    easy.on_progress(move |_, [all, ..]| {
        seen.set(all);
        0
    });
    assert_eq!(easy.perform(), 18);
    assert_eq!(total.get(), SIZE as f64);
    assert_eq!(easy.int(info::CONTENT_LENGTH_DOWNLOAD_T), SIZE);
}

#[test]
fn an_upload_of_more_than_4_gib_says_so_and_is_counted() {
    let (server, told) = taking(1000);
    let easy = put(&server.url("/"));
    easy.set_int(opt::INFILESIZE_LARGE, SIZE);
    easy.on_read(|_, buffer| {
        buffer.fill(b'x');
        buffer.len() as i64
    });
    let total = Rc::new(Cell::new(0));
    let seen = Rc::clone(&total);
    easy.on_xferinfo(move |_, [.., all, _]| {
        seen.set(all);
        0
    });
    // The server does not take all of it.
    let _ = easy.perform();
    let (head, _) = told.recv_timeout(LIMIT).unwrap();
    assert!(head.contains(&format!("\r\nContent-Length: {SIZE}\r\n")), "{head}");
    assert_eq!(total.get(), SIZE);
}

/// The head of what a resumed upload sends of `SIZE` bytes, and its body.
fn resumed(source: impl FnOnce(&Easy)) -> (String, Vec<u8>) {
    let (server, told) = taking(TAIL.len());
    let easy = put(&server.url("/"));
    easy.set_int(opt::INFILESIZE_LARGE, SIZE);
    easy.set_int(opt::RESUME_FROM_LARGE, FAR);
    source(&easy);
    assert_eq!(easy.perform(), 0, "{}", last_error());
    told.recv_timeout(LIMIT).unwrap()
}

fn look((head, body): (String, Vec<u8>)) {
    let range = format!("\r\nContent-Range: bytes {FAR}-{}/{SIZE}\r\n", SIZE - 1);
    assert!(head.contains(&range), "{head}");
    assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", TAIL.len())), "{head}");
    assert_eq!(body, TAIL);
}

#[test]
fn a_seek_callback_is_asked_for_an_offset_beyond_4_gib() {
    let seeks = Rc::new(RefCell::new(Vec::new()));
    look(resumed(|easy| {
        let (asked, sent) = (Rc::clone(&seeks), Cell::new(0));
        easy.on_seek(move |_, offset, origin| {
            asked.borrow_mut().push((offset, origin));
            0
        });
        easy.on_read(move |_, buffer| {
            let rest = &TAIL[sent.get()..];
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            sent.set(sent.get() + count);
            count as i64
        });
    }));
    assert_eq!(*seeks.borrow(), [(FAR, 0)]);
}

#[test]
fn files_and_descriptors_are_sent_from_beyond_4_gib() {
    let file = file_with_a_hole();
    let reopened = File::open(file.path()).unwrap();
    look(resumed(|easy| ok(curlback_easy_read_from_fd(easy.raw(), reopened.as_raw_fd()))));

    let path = CString::new(file.path().to_str().unwrap()).unwrap();
    // SAFETY: both strings end with NUL.
    let stream = unsafe { libc::fopen(path.as_ptr(), c"rb".as_ptr()) };
    assert!(!stream.is_null());
    // SAFETY: it is open until the handle is closed.
    look(resumed(|easy| ok(unsafe { curlback_easy_read_from_file(easy.raw(), stream) })));
    // SAFETY: nobody uses it any more.
    unsafe { libc::fclose(stream) };
}

unsafe extern "C-unwind" fn supply(
    _: Raw,
    buffer: *mut u8,
    capacity: usize,
    _: *mut std::ffi::c_void,
) -> i64 {
    // SAFETY: there is that much room.
    unsafe { buffer.write_bytes(b'm', capacity) };
    capacity as i64
}

#[test]
fn parts_of_more_than_4_gib_are_counted_whole() {
    let file = file_with_a_hole();
    let path = CString::new(file.path().to_str().unwrap()).unwrap();
    for from_file in [false, true] {
        let (server, told) = taking(1000);
        let easy = limited(&server.url("/"));
        let mime = curlback_mime_new(easy.raw());
        let part = curlback_mime_add(mime);
        // SAFETY: the path ends with NUL, and the callback looks at no user data.
        ok(unsafe {
            if from_file {
                curlback_mime_part_file(part, path.as_ptr())
            } else {
                curlback_mime_part_callbacks(part, SIZE, Some(supply), None, std::ptr::null_mut(), None)
            }
        });
        ok(curlback_easy_set_mime(easy.raw(), mime));
        // The server does not take all of it.
        let _ = easy.perform();
        let (head, _) = told.recv_timeout(LIMIT).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        let framing = length.parse::<i64>().unwrap() - SIZE;
        assert!((100..1000).contains(&framing), "{length}");
        drop(easy);
        ok(curlback_mime_close(mime));
    }
}

#[test]
fn a_listing_tells_of_a_file_of_more_than_4_gib() {
    let Some(server) = server() else { return };
    let folder = server.root().join("far");
    std::fs::create_dir_all(&folder).unwrap();
    File::create(folder.join("far.bin")).unwrap().write_all_at(TAIL, FAR as u64).unwrap();
    let Some(download) = Download::of("/far/*.bin") else { return };
    download.begin(|_, _| SKIP);
    let (result, events) = download.perform();
    ok(result);
    let sizes = events.iter().filter_map(|event| match event {
        Event::Begin(file, _) => Some((file.name.as_str(), file.numbers[0])),
        _ => None,
    });
    assert_eq!(sizes.collect::<Vec<_>>(), [("far.bin", SIZE)]);
    std::fs::remove_dir_all(folder).unwrap();
}
