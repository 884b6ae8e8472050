//! One run of a scenario: its handles, which answer with an error instead of failing the test, and what it registered.

use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_char, c_void};
use std::ptr::null_mut;
use std::rc::Rc;

use curlback::easy::info::{curlback_easy_get_int, curlback_easy_get_list};
use curlback::easy::options::{
    curlback_easy_set_bytes, curlback_easy_set_int, curlback_easy_set_list, curlback_easy_set_str,
};
use curlback::easy::perform::curlback_easy_perform;
use curlback::easy::{
    curlback_easy_close, curlback_easy_duplicate, curlback_easy_new, curlback_easy_set_private,
};
use curlback::libcurl::tables::opt;
use curlback::list::{curlback_list_free, curlback_list_get, curlback_list_len};
use curlback::result::code;

use crate::support::{self, Drops, Raw, Token, last_error, ok, register};

/// What a step of a scenario answers with: a failing one ends the run.
pub type Step<T = ()> = Result<T, i32>;

/// A result of the library's, which says why where it is an error.
pub fn check(result: i32) -> Step {
    if result == code::OK {
        return Ok(());
    }
    assert!(!last_error().is_empty(), "{result} without a sentence");
    Err(result)
}

/// A handle just made; NULL says why.
pub fn made<T>(handle: *mut T) -> Step<*mut T> {
    if handle.is_null() {
        assert!(!last_error().is_empty(), "NULL without a sentence");
        return Err(code::E_NO_MEMORY);
    }
    Ok(handle)
}

/// What went into callbacks' hands, and what came.
#[derive(Default)]
pub struct Run {
    registered: RefCell<Vec<Drops>>,
    /// How often libcurl did what is known to be wrong with it.
    pub known: Cell<u32>,
}

pub type Bytes = Rc<RefCell<Vec<u8>>>;

impl Run {
    /// To be moved into what is registered: counts when that is dropped.
    pub fn token(&self) -> Token {
        let drops = Drops::new();
        let token = drops.token();
        self.registered.borrow_mut().push(drops);
        token
    }

    /// One of the exceptions has come up.
    pub fn is_known(&self) {
        self.known.set(self.known.get() + 1);
    }

    /// What is wrong once all handles are closed.
    pub fn wrong_drops(&self) -> Vec<String> {
        let registered = self.registered.borrow();
        let counts = registered.iter().map(Drops::count).enumerate().filter(|(_, count)| *count != 1);
        counts.map(|(number, count)| format!("registration {number} was dropped {count} times")).collect()
    }

    /// A handle for this URL, with a limit: what hangs is an error.
    pub fn easy(&self, url: &str) -> Step<Easy> {
        let easy = Easy(made(curlback_easy_new())?);
        easy.set_int(opt::TIMEOUT, 10)?;
        easy.set_str(opt::URL, url)?;
        Ok(easy)
    }

    /// Collects the body.
    pub fn collect(&self, easy: &Easy) -> Step<Bytes> {
        let bytes = Bytes::default();
        let (sink, token) = (bytes.clone(), self.token());
        check(support::on_write(easy.raw(), move |_, data| {
            let _ = &token;
            sink.borrow_mut().extend_from_slice(data);
            data.len() as i64
        }))?;
        Ok(bytes)
    }

    /// Supplies a body, of a length that libcurl is told where `known`, and rewinds it.
    pub fn supply(&self, easy: &Easy, content: &[u8], known: bool) -> Step {
        let left = Rc::new(RefCell::new((content.to_vec(), 0_usize)));
        let (source, token) = (Rc::clone(&left), self.token());
        check(support::on_read(easy.raw(), move |_, buffer| {
            let _ = &token;
            let (content, sent) = &mut *source.borrow_mut();
            let piece = &content[*sent..];
            let count = piece.len().min(buffer.len());
            buffer[..count].copy_from_slice(&piece[..count]);
            *sent += count;
            count as i64
        }))?;
        let token = self.token();
        check(support::on_seek(easy.raw(), move |_, offset, _| {
            let _ = &token;
            left.borrow_mut().1 = offset as usize;
            0
        }))?;
        easy.set_int(opt::UPLOAD, 1)?;
        if known {
            easy.set_int(opt::INFILESIZE_LARGE, content.len() as i64)?;
        }
        Ok(())
    }

    /// Watches what libcurl tells.
    pub fn watch(&self, easy: &Easy) -> Step {
        let token = self.token();
        check(support::on_debug(easy.raw(), move |_, _, _| {
            let _ = &token;
        }))?;
        let token = self.token();
        check(support::on_xferinfo(easy.raw(), move |_, _| {
            let _ = &token;
            0
        }))?;
        let token = self.token();
        check(support::on_header(easy.raw(), move |_, line| {
            let _ = &token;
            line.len() as i64
        }))
    }

    /// Private data.
    pub fn keep(&self, easy: &Easy) -> Step {
        check(register(self.token(), |data, drop| {
            // SAFETY: register() says what drops it.
            unsafe { curlback_easy_set_private(easy.raw(), data, drop) }
        }))
    }
}

/// A handle that is closed when it goes, and must be closable then.
pub struct Easy(Raw);

impl Easy {
    pub fn raw(&self) -> Raw {
        self.0
    }

    pub fn set_int(&self, option: i32, value: i64) -> Step {
        check(curlback_easy_set_int(self.0, option, value))
    }

    pub fn set_str(&self, option: i32, value: &str) -> Step {
        let value = CString::new(value).unwrap();
        // SAFETY: it ends with NUL.
        check(unsafe { curlback_easy_set_str(self.0, option, value.as_ptr()) })
    }

    pub fn set_list(&self, option: i32, items: &[&str]) -> Step {
        let items: Vec<_> = items.iter().map(|item| CString::new(*item).unwrap()).collect();
        let pointers: Vec<*const c_char> = items.iter().map(|item| item.as_ptr()).collect();
        // SAFETY: each ends with NUL.
        check(unsafe { curlback_easy_set_list(self.0, option, pointers.as_ptr(), pointers.len()) })
    }

    pub fn set_bytes(&self, option: i32, bytes: &[u8]) -> Step {
        // SAFETY: the bytes are there.
        check(unsafe {
            curlback_easy_set_bytes(self.0, option, bytes.as_ptr().cast::<c_void>(), bytes.len())
        })
    }

    pub fn perform(&self) -> Step {
        check(curlback_easy_perform(self.0))
    }

    pub fn int(&self, info: i32) -> Step<i64> {
        let mut value = 0;
        // SAFETY: the value can be written to.
        check(unsafe { curlback_easy_get_int(self.0, info, &mut value) })?;
        Ok(value)
    }

    pub fn list(&self, info: i32) -> Step<Vec<String>> {
        let mut list = null_mut();
        // SAFETY: the list can be written to.
        check(unsafe { curlback_easy_get_list(self.0, info, &mut list) })?;
        let items = (0..curlback_list_len(list)).map(|index| support::text(curlback_list_get(list, index)));
        let items = items.collect();
        curlback_list_free(list);
        Ok(items)
    }

    pub fn duplicate(&self) -> Step<Easy> {
        let mut copy = null_mut();
        // SAFETY: the copy can be written to.
        check(unsafe { curlback_easy_duplicate(self.0, &mut copy) })?;
        Ok(Easy(copy))
    }
}

impl Drop for Easy {
    fn drop(&mut self) {
        let closed = curlback_easy_close(self.0);
        if !std::thread::panicking() {
            ok(closed);
        }
    }
}
