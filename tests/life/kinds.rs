//! Every kind of callback, registered the same way, and a transfer that calls each of them several times.

use std::cell::Cell;
use std::io::Write;
use std::ptr::null_mut;
use std::rc::Rc;
use std::sync::OnceLock;

use curlback::callback::body::{curlback_easy_on_header, curlback_easy_on_write};
use curlback::callback::debug::curlback_easy_on_debug;
use curlback::callback::progress::{curlback_easy_on_progress, curlback_easy_on_xferinfo};
use curlback::callback::socket::{
    curlback_easy_on_close_socket, curlback_easy_on_open_socket, curlback_easy_on_sockopt,
    curlback_socket_answer,
};
use curlback::callback::source::{curlback_easy_on_read, curlback_easy_on_seek};
use curlback::callback::{Info, KINDS, curlback_callback};
use curlback::easy::sink::curlback_easy_body_to_memory;
use curlback::easy::source::curlback_easy_read_from_memory;
use curlback::libcurl::tables::opt;
use curlback_test_servers::{RawServer, pattern, read_request};

use crate::peers;
use crate::support::{
    Drops, Easy, LIMIT, Raw, close_socket, ok, on_close_socket, on_debug, on_header, on_open_socket,
    on_progress, on_read, on_seek, on_sockopt, on_write, on_xferinfo, skipped,
};

pub const WRITE: i32 = curlback_callback::CURLBACK_CALLBACK_WRITE as i32;
pub const HEADER: i32 = curlback_callback::CURLBACK_CALLBACK_HEADER as i32;
pub const READ: i32 = curlback_callback::CURLBACK_CALLBACK_READ as i32;
pub const SEEK: i32 = curlback_callback::CURLBACK_CALLBACK_SEEK as i32;
pub const DEBUG: i32 = curlback_callback::CURLBACK_CALLBACK_DEBUG as i32;
pub const PROGRESS: i32 = curlback_callback::CURLBACK_CALLBACK_PROGRESS as i32;
pub const XFERINFO: i32 = curlback_callback::CURLBACK_CALLBACK_XFERINFO as i32;

pub const OPEN_SOCKET: i32 = curlback_callback::CURLBACK_CALLBACK_OPEN_SOCKET as i32;
pub const CLOSE_SOCKET: i32 = curlback_callback::CURLBACK_CALLBACK_CLOSE_SOCKET as i32;
pub const SOCKOPT: i32 = curlback_callback::CURLBACK_CALLBACK_SOCKOPT as i32;

const SEND_FAIL_REWIND: i32 = 65;
const BODY: usize = 100_000;

/// Runs the test for every kind that the library offers.
pub fn each(test: impl Fn(i32)) {
    for Info { id, name, available, .. } in KINDS.iter().filter(|info| !peers::has(info.id as i32)) {
        if available() {
            println!("{name}");
            test(*id as i32);
        } else {
            skipped(&format!("the {name} callback"), "a libcurl that has it");
        }
    }
}

/// Registers a callback of that kind which runs `hook` and then does what lets the transfer go on.
pub fn register(kind: i32, easy: Raw, hook: impl Fn(Raw) + 'static) -> i32 {
    match kind {
        WRITE => on_write(easy, move |easy, data| {
            hook(easy);
            data.len() as i64
        }),
        HEADER => on_header(easy, move |easy, line| {
            hook(easy);
            line.len() as i64
        }),
        READ => on_read(easy, move |easy, buffer| {
            hook(easy);
            buffer[..5].copy_from_slice(b"hello");
            5
        }),
        SEEK => on_seek(easy, move |easy, _, _| {
            hook(easy);
            0
        }),
        DEBUG => on_debug(easy, move |easy, _, _| hook(easy)),
        PROGRESS => on_progress(easy, move |easy, _| {
            hook(easy);
            0
        }),
        XFERINFO => on_xferinfo(easy, move |easy, _| {
            hook(easy);
            0
        }),
        OPEN_SOCKET => on_open_socket(easy, move |easy, _, _| {
            hook(easy);
            curlback_socket_answer::CURLBACK_SOCKET_DEFAULT as isize
        }),
        CLOSE_SOCKET => on_close_socket(easy, move |easy, socket| {
            close_socket(socket);
            hook(easy);
            0
        }),
        SOCKOPT => on_sockopt(easy, move |easy, _, _| {
            hook(easy);
            0
        }),
        other => panic!(
            "callback {other} is new: it needs a line here and in unset(), and a transfer that calls it; or, \
             where only a server of its own does, a line in peers.rs"
        ),
    }
}

pub fn unset(kind: i32, easy: Raw) -> i32 {
    // SAFETY: there is no callback to be called.
    unsafe {
        match kind {
            WRITE => curlback_easy_on_write(easy, None, null_mut(), None),
            HEADER => curlback_easy_on_header(easy, None, null_mut(), None),
            READ => curlback_easy_on_read(easy, None, null_mut(), None),
            SEEK => curlback_easy_on_seek(easy, None, null_mut(), None),
            DEBUG => curlback_easy_on_debug(easy, None, null_mut(), None),
            PROGRESS => curlback_easy_on_progress(easy, None, null_mut(), None),
            XFERINFO => curlback_easy_on_xferinfo(easy, None, null_mut(), None),
            OPEN_SOCKET => curlback_easy_on_open_socket(easy, None, null_mut(), None),
            CLOSE_SOCKET => curlback_easy_on_close_socket(easy, None, null_mut(), None),
            SOCKOPT => curlback_easy_on_sockopt(easy, None, null_mut(), None),
            other => panic!("callback {other} is new"),
        }
    }
}

/// Keeps a transfer off the standard streams once this kind was unset in it; what it ends with then.
pub fn make_up_for(kind: i32, easy: Raw) -> i32 {
    match kind {
        WRITE => ok(curlback_easy_body_to_memory(easy, 1 << 20)),
        READ => {
            // SAFETY: the bytes are there.
            ok(unsafe { curlback_easy_read_from_memory(easy, b"hello".as_ptr().cast(), 5) });
            // The memory rewinds itself where no callback does.
            ok(unset(SEEK, easy));
        }
        SEEK => return SEND_FAIL_REWIND,
        _ => {}
    }
    0
}

/// Redirects three times, so that what is uploaded has to be sent again, and then answers.
fn server() -> &'static RawServer {
    static SERVER: OnceLock<RawServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        RawServer::start(|mut stream, _| {
            while let Some(request) = read_request(stream)? {
                let round = request.head.as_bytes().get("PUT /".len()).copied();
                let next = match round {
                    Some(b'1') => "/2",
                    Some(b'2') => "/3",
                    Some(b'3') => {
                        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {BODY}\r\n\r\n")?;
                        stream.write_all(&pattern(0, BODY))?;
                        continue;
                    }
                    _ => "/1",
                };
                write!(
                    stream,
                    "HTTP/1.1 307 Temporary Redirect\r\nLocation: {next}\r\nContent-Length: 0\r\n\r\n"
                )?;
            }
            Ok(())
        })
    })
}

/// How often the callbacks were called that are none of the test's.
pub type Others = Rc<Cell<usize>>;

/// A handle whose transfer calls a callback of this kind at least twice. All other kinds have one already.
pub fn ready_for(kind: i32) -> (Easy, Others) {
    let easy = Easy::to(&server().url("/"));
    easy.set_int(opt::TIMEOUT_MS, LIMIT.as_millis() as i64);
    easy.set_int(opt::UPLOAD, 1);
    easy.set_int(opt::INFILESIZE_LARGE, 5);
    easy.set_int(opt::FOLLOWLOCATION, 1);
    // Sockets are opened and closed for each request.
    easy.set_int(opt::FORBID_REUSE, 1);
    let others = Others::default();
    for other in KINDS.iter().map(|info| info.id as i32).filter(|kind| !peers::has(*kind)) {
        // libcurl calls xferinfo alone where both are there.
        if other != kind && !(other == XFERINFO && kind == PROGRESS) {
            let count = Rc::clone(&others);
            ok(register(other, easy.raw(), move |_| count.set(count.get() + 1)));
        }
    }
    (easy, others)
}

/// Counts the calls of a callback and the drops of its user data.
#[derive(Clone, Default)]
pub struct Watch {
    calls: Rc<Cell<usize>>,
    drops: Drops,
}

impl Watch {
    pub fn calls(&self) -> usize {
        self.calls.get()
    }

    pub fn drops(&self) -> usize {
        self.drops.count()
    }

    /// Registers a callback that counts and then runs `hook`; the result is the library's.
    pub fn try_register(&self, kind: i32, easy: Raw, hook: impl Fn(Raw) + 'static) -> i32 {
        let (token, calls) = (self.drops.token(), Rc::clone(&self.calls));
        register(kind, easy, move |easy| {
            let _held = &token;
            calls.set(calls.get() + 1);
            hook(easy);
        })
    }

    pub fn register(&self, kind: i32, easy: Raw, hook: impl Fn(Raw) + 'static) {
        ok(self.try_register(kind, easy, hook));
    }
}
