//! Downloads by wildcard whose callbacks write down what they see.

use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_void};
use std::rc::Rc;

use curlback::callback::ftp::*;
use curlback::callback::{curlback_callback, curlback_has_callback};
use curlback::libcurl::tables::opt;
use curlback_test_servers::Ftp;

use crate::support::{Easy, LIMIT, Raw, boxed, last_error, ok, skipped, text, unbox};

pub const FNMATCH: i32 = curlback_callback::CURLBACK_CALLBACK_FNMATCH as i32;
pub const CHUNK_BEGIN: i32 = curlback_callback::CURLBACK_CALLBACK_CHUNK_BEGIN as i32;
pub const CHUNK_END: i32 = curlback_callback::CURLBACK_CALLBACK_CHUNK_END as i32;

/// A copy of a curlback_file_info.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    pub name: String,
    pub sort: i32,
    /// size, permissions, uid, gid, hard_links
    pub numbers: [i64; 5],
    /// time_text, permissions_text, user, group, link_target
    pub texts: [Option<String>; 5],
}

impl Facts {
    fn copy(file: *const curlback_file_info) -> Self {
        // SAFETY: the library's, for as long as the callback runs.
        let file = unsafe { &*file };
        let optional = |pointer: *const c_char| (!pointer.is_null()).then(|| text(pointer));
        Facts {
            name: text(file.name),
            sort: file.r#type,
            numbers: [file.size, file.permissions, file.uid, file.gid, file.hard_links],
            texts: [file.time_text, file.permissions_text, file.user, file.group, file.link_target]
                .map(optional),
        }
    }
}

pub fn on_fnmatch<F: Fn(Raw, &str, &str) -> i32 + 'static>(easy: Raw, body: F) {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, &str, &str) -> i32>(
        easy: Raw,
        pattern: *const c_char,
        string: *const c_char,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, &text(pattern), &text(string)) }
    }
    let data = boxed(body);
    // SAFETY: `call` gets the F.
    ok(unsafe { curlback_easy_on_fnmatch(easy, Some(call::<F>), data.0, data.1) });
}

pub fn on_chunk_begin<F: Fn(Raw, Facts, i32) -> i32 + 'static>(easy: Raw, body: F) -> i32 {
    unsafe extern "C-unwind" fn call<F: Fn(Raw, Facts, i32) -> i32>(
        easy: Raw,
        file: *const curlback_file_info,
        remaining: i32,
        closure: *mut c_void,
    ) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy, Facts::copy(file), remaining) }
    }
    let data = boxed(body);
    // SAFETY: `call` gets the F.
    let result = unsafe { curlback_easy_on_chunk_begin(easy, Some(call::<F>), data.0, data.1) };
    if result != 0 {
        unbox::<F>(data);
    }
    result
}

pub fn on_chunk_end<F: Fn(Raw) -> i32 + 'static>(easy: Raw, body: F) {
    unsafe extern "C-unwind" fn call<F: Fn(Raw) -> i32>(easy: Raw, closure: *mut c_void) -> i32 {
        // SAFETY: the closure is the F that was registered.
        unsafe { (*closure.cast::<F>())(easy) }
    }
    let data = boxed(body);
    // SAFETY: `call` gets the F.
    ok(unsafe { curlback_easy_on_chunk_end(easy, Some(call::<F>), data.0, data.1) });
}

/// The FTP server, where there is one and libcurl can talk to it.
pub fn server() -> Option<&'static Ftp> {
    if !curlback_has_callback(FNMATCH) {
        skipped("FTP", "a libcurl built with FTP");
        return None;
    }
    match Ftp::shared() {
        Ok(server) => Some(server),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            skipped("FTP", &format!("an FTP server ({error})"));
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// What the callbacks of a download were called with, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    Match(String),
    Begin(Facts, i32),
    Data(Vec<u8>),
    End,
}

/// A download by wildcard whose callbacks write down what they see.
pub struct Download {
    pub easy: Easy,
    pub events: Rc<RefCell<Vec<Event>>>,
}

impl Download {
    /// None where there is no server, or libcurl has no FTP.
    pub fn of(path: &str) -> Option<Self> {
        let server = server()?;
        let easy = Easy::to(&server.url(path));
        easy.set_int(opt::TIMEOUT, LIMIT.as_secs() as i64);
        easy.set_int(opt::WILDCARDMATCH, 1);
        let events = Rc::new(RefCell::new(Vec::new()));
        let sink = Rc::clone(&events);
        easy.on_write(move |_, data| {
            let mut events = sink.borrow_mut();
            match events.last_mut() {
                Some(Event::Data(bytes)) => bytes.extend_from_slice(data),
                _ => events.push(Event::Data(data.to_vec())),
            }
            data.len() as i64
        });
        Some(Download { easy, events })
    }

    pub fn raw(&self) -> Raw {
        self.easy.raw()
    }

    /// Registers chunk_begin; `answer` is given the file and how many calls there were before.
    pub fn begin(&self, answer: impl Fn(&Facts, usize) -> i32 + 'static) {
        let (events, calls, own) = (Rc::clone(&self.events), Cell::new(0), self.raw());
        ok(on_chunk_begin(self.raw(), move |easy, file, remaining| {
            assert_eq!(easy, own);
            let verdict = answer(&file, calls.replace(calls.get() + 1));
            events.borrow_mut().push(Event::Begin(file, remaining));
            verdict
        }));
    }

    /// Registers chunk_end; `answer` is given how many calls there were before.
    pub fn end(&self, answer: impl Fn(usize) -> i32 + 'static) {
        let (events, calls, own) = (Rc::clone(&self.events), Cell::new(0), self.raw());
        on_chunk_end(self.raw(), move |easy| {
            assert_eq!(easy, own);
            events.borrow_mut().push(Event::End);
            answer(calls.replace(calls.get() + 1))
        });
    }

    /// Registers fnmatch; `answer` is given the name and how many calls there were before.
    pub fn fnmatch(&self, answer: impl Fn(&str, usize) -> i32 + 'static) {
        let (events, calls, own) = (Rc::clone(&self.events), Cell::new(0), self.raw());
        on_fnmatch(self.raw(), move |easy, _, name| {
            assert_eq!(easy, own);
            events.borrow_mut().push(Event::Match(name.to_owned()));
            answer(name, calls.replace(calls.get() + 1))
        });
    }

    pub fn perform(&self) -> (i32, Vec<Event>) {
        self.events.borrow_mut().clear();
        let result = self.easy.perform();
        (result, self.events.take())
    }

    /// Asserts that the transfer ends with this, because of that callback.
    #[track_caller]
    pub fn fails(&self, result: i32, callback: i32) -> Vec<Event> {
        let (got, events) = self.perform();
        assert_eq!(got, result, "{}", last_error());
        let error = self.easy.error();
        assert_eq!((error.result, error.curl_code, error.callback), (result, result, callback));
        let name = match callback {
            FNMATCH => "(in the fnmatch callback)",
            CHUNK_BEGIN => "(in the chunk_begin callback)",
            _ => "(in the chunk_end callback)",
        };
        assert!(last_error().ends_with(name), "{}", last_error());
        events
    }
}
