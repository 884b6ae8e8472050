//! What a transfer moves: the body, the headers, what is sent, and pausing all of them.

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod batch;
mod body;
mod groups;
mod header;
mod pause;
mod rewind;
mod source;
mod stdin;
mod stdout;

use std::cell::RefCell;
use std::ffi::{CString, c_int};
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::ptr::null;
use std::rc::Rc;

use curlback::easy::sink::{curlback_easy_body, curlback_easy_header};
use curlback::libcurl::tables::opt;
use curlback_test_servers::HttpServer;
use support::{Easy, LIMIT, Raw, ok};

type Bytes = Rc<RefCell<Vec<u8>>>;
type Lines = Rc<RefCell<Vec<String>>>;

/// A new handle for this path of the shared server. What hangs fails.
fn to(path: &str) -> Easy {
    limited(&HttpServer::shared().url(path))
}

/// A new handle for this URL, with a limit for what hangs.
fn limited(url: &str) -> Easy {
    let easy = Easy::to(url);
    easy.set_int(opt::TIMEOUT, LIMIT.as_secs() as i64);
    easy
}

/// Collects the body by a callback that consumes all of it.
fn collect(easy: &Easy) -> Bytes {
    let bytes = Bytes::default();
    let sink = bytes.clone();
    easy.on_write(move |_, data| {
        sink.borrow_mut().extend_from_slice(data);
        data.len() as i64
    });
    bytes
}

/// Collects the header lines, one for each call.
fn collect_headers(easy: &Easy) -> Lines {
    let lines = Lines::default();
    let sink = lines.clone();
    easy.on_header(move |_, data| {
        sink.borrow_mut().push(String::from_utf8(data.to_vec()).unwrap());
        data.len() as i64
    });
    lines
}

type Give = unsafe extern "C" fn(Raw, *mut *const u8, *mut usize) -> i32;

fn given(easy: Raw, give: Give) -> Result<Vec<u8>, i32> {
    let (mut data, mut len) = (null(), usize::MAX);
    // SAFETY: both can be written to.
    match unsafe { give(easy, &mut data, &mut len) } {
        0 if len == 0 => Ok(Vec::new()),
        // SAFETY: the library says that there are `len` bytes, until the next perform.
        0 => Ok(unsafe { std::slice::from_raw_parts(data, len) }.to_vec()),
        code => {
            assert_eq!((data, len), (null(), usize::MAX), "written although it failed");
            Err(code)
        }
    }
}

/// What body_to_memory collected.
fn body_of(easy: &Easy) -> Result<Vec<u8>, i32> {
    given(easy.raw(), curlback_easy_body)
}

/// What header_to_memory collected.
fn header_of(easy: &Easy) -> Result<Vec<u8>, i32> {
    given(easy.raw(), curlback_easy_header)
}

/// A C stream that is closed when it goes.
struct Stream(*mut libc::FILE);

impl Stream {
    fn open(path: &str, mode: &str) -> Self {
        let (path, mode) = (CString::new(path).unwrap(), CString::new(mode).unwrap());
        // SAFETY: both end with NUL.
        let stream = unsafe { libc::fopen(path.as_ptr(), mode.as_ptr()) };
        assert!(!stream.is_null());
        Stream(stream)
    }

    /// An unnamed temporary file.
    fn temporary() -> Self {
        // SAFETY: no preconditions.
        let stream = unsafe { libc::tmpfile() };
        assert!(!stream.is_null());
        Stream(stream)
    }

    /// A temporary file with this content, standing at its beginning.
    fn with(content: &[u8]) -> Self {
        let stream = Stream::temporary();
        stream.file(|file| file.write_all_at(content, 0).unwrap());
        stream
    }

    fn flush(&self) {
        // SAFETY: the stream is open.
        assert_eq!(unsafe { libc::fflush(self.0) }, 0);
    }

    fn content(&self) -> Vec<u8> {
        self.flush();
        self.file(content)
    }

    fn file<T>(&self, body: impl FnOnce(&File) -> T) -> T {
        // SAFETY: the stream is open; the descriptor is not closed by the File, which is forgotten.
        let file = unsafe { File::from_raw_fd(libc::fileno(self.0)) };
        let answer = body(&file);
        std::mem::forget(file);
        answer
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream is open, and nobody uses it after this.
        unsafe { libc::fclose(self.0) };
    }
}

/// All of a file, wherever it stands.
fn content(file: &File) -> Vec<u8> {
    let mut bytes = vec![0; file.metadata().unwrap().len() as usize];
    file.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

/// A file in memory, which is all that a descriptor needs.
fn memory_file() -> File {
    // SAFETY: the name ends with NUL.
    let fd = unsafe { libc::memfd_create(c"curlback-test".as_ptr(), libc::MFD_CLOEXEC) };
    assert!(fd >= 0);
    // SAFETY: the descriptor is new and nobody else's.
    unsafe { File::from_raw_fd(fd) }
}

/// The reading and the writing end.
fn pipe() -> (OwnedFd, OwnedFd) {
    let mut ends = [-1; 2];
    // SAFETY: there is place for two descriptors.
    assert_eq!(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }, 0);
    // SAFETY: both are new and nobody else's.
    unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) }
}

fn do_not_block(fd: &impl AsRawFd) {
    // SAFETY: the descriptor is open.
    let done = unsafe {
        let flags = libc::fcntl(fd.as_raw_fd(), libc::F_GETFL);
        libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK)
    };
    assert_eq!(done, 0);
}

/// A descriptor's number that is closed: a high one, which no other test gets meanwhile.
fn closed_descriptor() -> c_int {
    let file = memory_file();
    // SAFETY: the descriptor is open.
    let high = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 900) };
    assert!(high >= 900);
    // SAFETY: it is open and this test's own.
    assert_eq!(unsafe { libc::close(high) }, 0);
    high
}

/// Uploads with PUT, of a size that is known, or chunked.
fn upload(easy: &Easy, size: Option<usize>) {
    easy.set_int(opt::UPLOAD, 1);
    easy.set_int(opt::INFILESIZE_LARGE, size.map_or(-1, |size| size as i64));
}

/// Performs and expects success.
fn succeed(easy: &Easy) {
    ok(easy.perform());
}
