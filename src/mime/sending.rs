//! What libcurl is given of a mime: a tree of its own for each transfer that sends one.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::ptr::null;
use std::sync::Arc;

use super::callbacks::{Source, read_trampoline, seek_trampoline};
use super::tree::{Content, Part, Tree, Use};
use super::{Mime, curlback_mime, part};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, fail};
use crate::easy::source::SourceBytes;
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::strings::Strings;
use crate::libcurl::sys;
use crate::libcurl::tables::opt;
use crate::registry::claim;
use crate::result::{code, curlback_result};
use crate::slot::Garbage;

/// Longer contents are not copied for libcurl, which then reads them in pieces.
const SHORT: usize = 16 * 1024;

/// What says last what a request is; libcurl lets a mime be one among others.
#[derive(Clone, Copy, Default)]
enum Request {
    #[default]
    Default,
    Mime,
    /// An option that takes a number.
    Number(i32, i64),
    Fields,
}

/// The mime of an easy handle.
#[derive(Default)]
pub struct MimeOfEasy {
    set: RefCell<Option<Use>>,
    sent: RefCell<Option<Sent>>,
    request: Cell<Request>,
}

impl MimeOfEasy {
    /// An option was set to a number.
    pub fn number_set(&self, option: i32, value: i64) {
        let says = match option {
            opt::HTTPGET | opt::NOBODY => value != 0,
            opt::POST | opt::UPLOAD | opt::PUT => true,
            _ => false,
        };
        if says {
            self.request.set(Request::Number(option, value));
        }
    }

    /// POSTFIELDS was set or unset.
    pub fn fields_set(&self) {
        self.request.set(Request::Fields);
    }

    /// What was set goes.
    pub fn forget(&self) -> Vec<Garbage> {
        self.request.set(Request::Default);
        self.set.take().map(Use::end).unwrap_or_default()
    }
}

impl Easy {
    fn set_mime(&self, mime: *mut curlback_mime) -> Outcome {
        let new = if mime.is_null() {
            if matches!(self.mime.request.get(), Request::Mime) {
                self.setopt_long(opt::HTTPGET, 1)?;
                self.mime.request.set(Request::Default);
            }
            None
        } else {
            let new = Use::set(&claim::<Mime>(mime, Call::Get)?.0)?;
            self.mime.request.set(Request::Mime);
            Some(new)
        };
        let former = self.mime.set.replace(new);
        self.discard_each(former.map(Use::end).unwrap_or_default());
        Ok(())
    }

    /// The transfer begins: libcurl gets what it is to send.
    pub fn begin_mime(&self) -> Outcome {
        if let (Request::Mime, Some(set)) = (self.mime.request.get(), &*self.mime.set.borrow()) {
            self.mime.sent.replace(Some(Sent::new(self, set)?));
        }
        Ok(())
    }

    /// The transfer is over, and libcurl reads nothing more of what it was given.
    pub fn end_mime(&self) {
        // Asked first: taking it out moves all of it, also where there is nothing.
        if self.mime.sent.borrow().is_some()
            && let Some(sent) = self.mime.sent.take()
        {
            self.discard_each(sent.end());
        }
    }

    /// This new handle, whose libcurl handle is a duplicate of the original's, gets the same mime.
    pub fn copy_mime(&self, original: &Easy) -> Outcome {
        self.mime.request.set(original.mime.request.get());
        self.mime.set.replace(original.mime.set.borrow().as_ref().map(Use::again));
        if original.mime.sent.borrow().is_none() {
            return Ok(());
        }
        // libcurl copied what the original is sending, with its callbacks' data pointers.
        self.setopt_pointer(opt::MIMEPOST, null())?;
        match self.mime.request.get() {
            Request::Mime => Ok(()),
            Request::Default => self.setopt_long(opt::HTTPGET, 1),
            Request::Number(option, value) => self.setopt_long(option, value as c_long),
            Request::Fields => self.setopt_pointer(opt::POSTFIELDS, self.held.bytes(opt::POSTFIELDS)),
        }
    }

    fn discard_each(&self, garbage: Vec<Garbage>) {
        garbage.into_iter().for_each(|piece| self.discard(piece));
    }
}

/// A tree of libcurl's, freed with all that belongs to it.
struct Raw(*mut sys::Mime);

impl Raw {
    fn new(easy: &Easy) -> Outcome<Self> {
        // SAFETY: the handle is there, and this thread owns it; libcurl takes random numbers from it.
        let mime = unsafe { sys::curl_mime_init(easy.curl()) };
        if mime.is_null() {
            return fail(code::E_NO_MEMORY, "libcurl could not make a mime");
        }
        Ok(Raw(mime))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: it is this one's own; where it is set on a handle libcurl takes it off there first.
        unsafe { sys::curl_mime_free(self.0) };
    }
}

/// What one transfer sends.
struct Sent {
    /// Freed before what it refers to.
    mime: Raw,
    memory: Memory,
    sending: Use,
}

/// What libcurl's tree refers to, at addresses that stay.
#[derive(Default)]
#[expect(clippy::vec_box, reason = "libcurl has the addresses while the vectors grow")]
struct Memory {
    sources: Vec<Box<Source>>,
    bytes: Vec<Box<SourceBytes>>,
    headers: Vec<Arc<Strings>>,
}

impl Sent {
    fn new(easy: &Easy, set: &Use) -> Outcome<Self> {
        let sending = set.sending();
        let mut memory = Memory::default();
        let mime = memory.build(easy, sending.tree())?;
        easy.setopt_pointer(opt::MIMEPOST, mime.0.cast_const().cast())?;
        Ok(Sent { mime, memory, sending })
    }

    fn end(self) -> Vec<Garbage> {
        let Sent { mime, memory, sending } = self;
        drop(mime);
        let mut garbage: Vec<_> = memory.sources.iter().map(|source| source.garbage()).collect();
        garbage.extend(sending.end());
        garbage
    }
}

fn done(what: &str, done: sys::CURLcode) -> Outcome {
    match done {
        sys::CURLE_OK => Ok(()),
        sys::CURLE_OUT_OF_MEMORY => fail(code::E_NO_MEMORY, "no memory for a mime"),
        _ => {
            let why = Failure::libcurl(done as curlback_result);
            fail(why.code, format!("libcurl refuses a mime part's {what}: {}", why.text))
        }
    }
}

fn pointer(text: Option<&CStr>) -> *const c_char {
    text.map_or(null(), CStr::as_ptr)
}

impl Memory {
    fn build(&mut self, easy: &Easy, tree: &Tree) -> Outcome<Raw> {
        let mime = Raw::new(easy)?;
        for part in tree.parts() {
            // SAFETY: the mime is there.
            let raw = unsafe { sys::curl_mime_addpart(mime.0) };
            if raw.is_null() {
                return fail(code::E_NO_MEMORY, "no memory for a mime part");
            }
            self.fill(easy, raw, &part)?;
            // SAFETY: the part is there, and so are the strings, which libcurl copies. The list stays for as long as the part does.
            // The file name comes after the content: a file has set one of its own.
            unsafe {
                done("name", sys::curl_mime_name(raw, pointer(part.name.as_deref())))?;
                done("file name", sys::curl_mime_filename(raw, pointer(part.filename.as_deref())))?;
                done("type", sys::curl_mime_type(raw, pointer(part.mime_type.as_deref())))?;
                done("encoder", sys::curl_mime_encoder(raw, pointer(part.encoder)))?;
                if let Some(headers) = part.headers {
                    done("headers", sys::curl_mime_headers(raw, headers.as_ptr().cast_mut(), 0))?;
                    self.headers.push(headers);
                }
            }
        }
        Ok(mime)
    }

    fn fill(&mut self, easy: &Easy, raw: *mut sys::MimePart, part: &Part) -> Outcome {
        // SAFETY: the part is there; what it refers to stays for as long as it does, or is copied.
        let (what, filled) = unsafe {
            match &part.content {
                Content::None => return Ok(()),
                Content::Bytes(bytes) if bytes.len() <= SHORT => {
                    ("data", sys::curl_mime_data(raw, bytes.as_ptr().cast(), bytes.len()))
                }
                Content::Bytes(bytes) => {
                    let source = Box::new(SourceBytes::new(Arc::clone(bytes)));
                    let data = (&raw const *source).cast_mut().cast();
                    self.bytes.push(source);
                    let (size, read, seek) = (bytes.len() as i64, read_bytes as _, seek_bytes as _);
                    ("data", sys::curl_mime_data_cb(raw, size, Some(read), Some(seek), None, data))
                }
                Content::File(path) => {
                    part::readable(path)?;
                    ("file", sys::curl_mime_filedata(raw, path.as_ptr()))
                }
                Content::Callbacks(callbacks) => {
                    let source = Box::new(Source::new(easy, callbacks));
                    let data = (&raw const *source).cast_mut().cast();
                    self.sources.push(source);
                    let seek = callbacks.can_seek().then_some(seek_trampoline as sys::MimeSeek);
                    let (size, read) = (callbacks.size(), read_trampoline as _);
                    ("callbacks", sys::curl_mime_data_cb(raw, size, Some(read), seek, None, data))
                }
                Content::Subparts(tree) => {
                    let inner = self.build(easy, tree)?;
                    let taken = sys::curl_mime_subparts(raw, inner.0);
                    if taken == sys::CURLE_OK {
                        std::mem::forget(inner);
                    }
                    ("subparts", taken)
                }
            }
        };
        done(what, filled)
    }
}

/// libcurl's read function for a long content.
unsafe extern "C" fn read_bytes(
    buffer: *mut c_char,
    _size: usize,
    capacity: usize,
    bytes: *mut c_void,
) -> usize {
    // SAFETY: `bytes` is what fill() gave libcurl with this function; the buffer has that much room, as libcurl says.
    unsafe { (*bytes.cast::<SourceBytes>()).read(std::slice::from_raw_parts_mut(buffer.cast(), capacity)) }
}

unsafe extern "C" fn seek_bytes(bytes: *mut c_void, offset: i64, origin: c_int) -> c_int {
    // SAFETY: as in read_bytes.
    let moved = unsafe { (*bytes.cast::<SourceBytes>()).seek(offset, origin) };
    if moved { sys::CURL_SEEKFUNC_OK } else { sys::CURL_SEEKFUNC_FAIL }
}

/// Sends the mime: the request becomes a POST with the parts as multipart/form-data. Of this function and the options HTTPGET, NOBODY, POST,
/// UPLOAD and POSTFIELDS the one that was called last says what the request is. NULL detaches: the request is a GET again,
/// unless another of them said otherwise since.
///
/// The mime stays the caller's, can be set on several handles and changed between transfers; duplicates have it too, reset takes it
/// off. Each transfer sends the parts as they are when it begins: inside a callback, and while a transfer is paused, this
/// function takes effect with the next one. CURLBACK_E_IN_USE where the mime is part of another.
///
/// Also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_set_mime(
    easy: *mut curlback_easy,
    mime: *mut curlback_mime,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.set_mime(mime))
}
