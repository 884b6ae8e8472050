//! Bringing a handle into each situation and calling a function there.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_void};
use std::io::Write;
use std::ptr::null_mut;
use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::mpsc::channel;
use std::thread;

use curlback::access::Situation;
use curlback::easy::error::curlback_easy_raise;
use curlback::easy::perform::curlback_easy_perform;
use curlback::easy::{curlback_easy_close, curlback_easy_release, curlback_easy_set_private};
use curlback::libcurl::tables::opt;
use curlback_test_servers::{RawServer, read_request};

use crate::calls::Row;
use crate::support::{Easy, LIMIT, Raw, boxed, ok, on_header};

/// Where a function is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Idle,
    HeaderCallback,
    /// The payload that the last transfer raised is dropped.
    DropAtTheStart,
    /// What a callback replaced is dropped, as that has returned.
    DropAfterACallback,
    /// libcurl says that it closes a connection.
    DebugCallbackOfClose,
    WhileAnotherThreadPerforms,
}

impl Place {
    pub const ALL: [Place; 6] = [
        Place::Idle,
        Place::HeaderCallback,
        Place::DropAtTheStart,
        Place::DropAfterACallback,
        Place::DebugCallbackOfClose,
        Place::WhileAnotherThreadPerforms,
    ];

    pub fn situation(self) -> Situation {
        match self {
            Place::Idle => Situation::Idle,
            Place::HeaderCallback => Situation::OwnCallback,
            Place::DropAtTheStart | Place::DropAfterACallback => Situation::Beside,
            Place::DebugCallbackOfClose => Situation::Closing,
            Place::WhileAnotherThreadPerforms => Situation::OtherThread,
        }
    }
}

/// What happened: the function's answer, and what the transfer or the close that it was called in ended with, if any.
#[derive(Debug)]
pub struct Seen {
    pub answer: (i32, String),
    pub around: Option<i32>,
}

/// Answers every request with 204: no body that would have to go anywhere.
pub fn server() -> &'static RawServer {
    static SERVER: OnceLock<RawServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        RawServer::start(|mut stream, _| {
            while read_request(stream)?.is_some() {
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?;
            }
            Ok(())
        })
    })
}

/// Calls the function once, the first time that it is run.
#[derive(Clone)]
struct Probe(Rc<Attempt>);

struct Attempt {
    row: &'static Row,
    done: Cell<bool>,
    answer: RefCell<Option<(i32, String)>>,
}

impl Probe {
    fn new(row: &'static Row) -> Self {
        Probe(Rc::new(Attempt { row, done: Cell::new(false), answer: RefCell::new(None) }))
    }

    fn run(&self, easy: Raw) {
        if !self.0.done.replace(true) {
            self.0.answer.replace(Some(self.0.row.attempt(easy.addr())));
        }
    }

    fn seen(&self, around: i32) -> Seen {
        let answer = self.0.answer.take().expect("the place was not reached");
        Seen { answer, around: Some(around) }
    }

    /// User data whose drop function runs the probe.
    fn as_user_data(&self, easy: Raw) -> (*mut c_void, curlback::slot::curlback_drop_cb) {
        struct RunOnDrop(Probe, Raw);
        impl Drop for RunOnDrop {
            fn drop(&mut self) {
                self.0.run(self.1);
            }
        }
        boxed(RunOnDrop(self.clone(), easy))
    }
}

pub fn new() -> Easy {
    let easy = Easy::to(&server().url("/"));
    easy.set_str(opt::USERAGENT, "agent");
    easy
}

/// Calls the function in that place. The handle is gone afterwards.
pub fn call(row: &'static Row, place: Place) -> Seen {
    if place == Place::WhileAnotherThreadPerforms {
        return while_another_thread_performs(row);
    }
    let easy = new().into_raw();
    let probe = Probe::new(row);
    let seen = match place {
        Place::Idle => Seen { answer: row.attempt(easy.addr()), around: None },
        Place::HeaderCallback => {
            let inside = probe.clone();
            header_callback(easy, move |easy| inside.run(easy));
            probe.seen(curlback_easy_perform(easy))
        }
        Place::DropAtTheStart => {
            let inside = probe.clone();
            let raised = Cell::new(false);
            header_callback(easy, move |easy| {
                if !raised.replace(true) {
                    let (payload, drop) = inside.as_user_data(easy);
                    // SAFETY: the payload and its drop function go together.
                    ok(unsafe { curlback_easy_raise(easy, 0, 0, std::ptr::null(), payload, drop) });
                }
            });
            ok(curlback_easy_perform(easy));
            probe.seen(curlback_easy_perform(easy))
        }
        Place::DropAfterACallback => {
            let inside = probe.clone();
            let replaced = Cell::new(false);
            header_callback(easy, move |easy| {
                if !replaced.replace(true) {
                    let (data, drop) = inside.as_user_data(easy);
                    // SAFETY: the data and its drop function go together.
                    unsafe {
                        ok(curlback_easy_set_private(easy, data, drop));
                        ok(curlback_easy_set_private(easy, null_mut(), None));
                    }
                    assert!(!inside.0.done.get(), "dropped while the callback was running");
                }
            });
            probe.seen(curlback_easy_perform(easy))
        }
        Place::DebugCallbackOfClose => {
            let (inside, closing) = (probe.clone(), Rc::new(Cell::new(false)));
            let now = Rc::clone(&closing);
            {
                let easy = std::mem::ManuallyDrop::new(Easy::adopt(easy));
                easy.set_int(opt::CONNECT_ONLY, 1);
                easy.on_debug(move |easy, _, _| {
                    if now.get() {
                        inside.run(easy);
                    }
                });
            }
            ok(curlback_easy_perform(easy));
            closing.set(true);
            probe.seen(curlback_easy_close(easy))
        }
        Place::WhileAnotherThreadPerforms => unreachable!("done above"),
    };
    curlback_easy_release(easy);
    seen
}

fn header_callback(easy: Raw, body: impl Fn(Raw) + 'static) {
    ok(on_header(easy, move |easy, line| {
        body(easy);
        line.len() as i64
    }));
}

fn while_another_thread_performs(row: &Row) -> Seen {
    let (entered, inside) = channel();
    let (leave, left) = channel::<()>();
    let thread = thread::spawn(move || {
        let easy = new().into_raw();
        let waited = Cell::new(false);
        header_callback(easy, move |easy| {
            if !waited.replace(true) {
                entered.send(easy.addr()).unwrap();
                left.recv_timeout(LIMIT).unwrap();
            }
        });
        let result = curlback_easy_perform(easy);
        curlback_easy_release(easy);
        result
    });
    let easy = inside.recv_timeout(LIMIT).unwrap();
    let answer = row.attempt(easy);
    leave.send(()).unwrap();
    Seen { answer, around: Some(thread.join().unwrap()) }
}

/// What a handle's debug callback is told while the handle closes.
pub fn texts_of_close() -> Vec<String> {
    let texts = Rc::new(RefCell::new(Vec::new()));
    let easy = new();
    easy.set_int(opt::CONNECT_ONLY, 1);
    let told = Rc::clone(&texts);
    easy.on_debug(move |_, _, data| {
        let text = CStr::from_bytes_until_nul(data).map_or(data, CStr::to_bytes);
        told.borrow_mut().push(String::from_utf8_lossy(text).trim_end().to_owned());
    });
    ok(easy.perform());
    texts.borrow_mut().clear();
    drop(easy);
    texts.take()
}
