//! Easy handles: their state, their life.

pub mod batch;
pub mod error;
pub mod follow;
pub mod groups;
pub mod held;
pub mod info;
pub mod lazy;
pub mod marks;
pub mod options;
pub mod own_multi;
pub mod perform;
pub mod raw;
pub mod sink;
pub mod source;
pub mod state;
pub mod stream;

use std::cell::{Cell, OnceCell, RefCell, UnsafeCell};
use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::sync::Arc;

use crate::access::{Call, Situation};
use crate::boundary::{self, Outcome, enter, enter_or, fail, given};
use crate::callback::closer::Closer;
use crate::callback::socket::{CloseSocket, OpenSocket};
use crate::callback::{self, Kind, NONE, SLOTS, slot_of};
use crate::libcurl::sys::{self, CURL, CURLM};
use crate::libcurl::tables::opt;
use crate::libcurl::{ca, version};
use crate::library;
use crate::mime::sending::MimeOfEasy;
use crate::multi::Multi;
use crate::multi::members::Membership;
use crate::registry::{self, Kind as HandleKind, Object, claim, claim_quickly};
use crate::result::{code, curlback_result};
use crate::share::Pool;
use crate::slot::{Garbage, Slot, UserData, curlback_drop_cb};
use crate::ws::WebSocket;

use batch::Batch;
use error::Record;
use groups::{Group, Which};
use held::Held;
use lazy::Lazy;
use marks::Marks;
use own_multi::OwnMulti;
use sink::Collected;
use source::{Source, SourceBytes};
use state::{State, Suspended};

/// A handle for one transfer at a time, with its options, callbacks, connections and caches.
///
/// Made by curlback_easy_new() and curlback_easy_duplicate(), freed by curlback_easy_close() or curlback_easy_release(). Opaque:
/// the value is never dereferenced, and never used again for another handle.
#[allow(non_camel_case_types)]
pub struct curlback_easy {
    _opaque: [u8; 0],
}

type ErrorBuffer = UnsafeCell<[c_char; sys::CURL_ERROR_SIZE]>;

/// What stands behind a curlback_easy. Only the thread that owns its slot in the registry comes here, so Cells suffice; libcurl
/// leads the trampolines here with its data pointers.
pub struct Easy {
    slot: &'static registry::Slot,
    handle: *mut curlback_easy,
    curl: *mut CURL,
    pub state: State,
    marks: Marks,
    pub slots: [Slot; SLOTS],
    groups: [Group; 3],
    pub batch: Batch,
    /// Whether libcurl frees its handle itself: that of a pushed transfer that nobody wants.
    disowned: Cell<bool>,
    /// What perform drives the transfer with.
    multi: OwnMulti,
    /// The libcurl multi handle that the libcurl handle is in: that one, or a curlback_multi's; NULL for none.
    attached: Cell<*mut CURLM>,
    /// The curlback_multi that it is in.
    pub membership: Membership,
    /// Whether the option CONNECT_ONLY is set.
    connect_only: Cell<bool>,
    /// What is paused of the transfer: the mask that the caller gave last, and what callbacks that supply have added.
    paused: Cell<i32>,
    /// Those of the options that can follow the callbacks which the caller has set.
    pinned: Cell<u8>,
    /// What was replaced and is dropped when no callback is running.
    garbage: UnsafeCell<Vec<Garbage>>,
    body: Collected,
    header: Collected,
    source_bytes: Source,
    pub ws: WebSocket,
    pub held: Held,
    pub mime: MimeOfEasy,
    pub share: RefCell<Option<Arc<Pool>>>,
    /// What the sockets of its connections are closed by.
    closer: Option<Arc<Closer>>,
    /// What get_str gave out, by info.
    strings: Lazy<RefCell<Vec<(i32, std::ffi::CString)>>>,
    private: Cell<Option<UserData>>,
    record: Record,
    /// libcurl writes its sentences here, from the first transfer on: a handle that is idle need not have it.
    error_buffer: OnceCell<Box<ErrorBuffer>>,
}

impl Object for Easy {
    type Opaque = curlback_easy;
    const KIND: HandleKind = HandleKind::Easy;

    #[inline]
    fn in_callback(&self) -> bool {
        self.state.current() != NONE
    }

    type Suspended = Suspended;

    #[inline]
    fn suspend(&self) -> Suspended {
        self.state.suspend()
    }

    #[inline]
    fn resume(&self, suspended: Suspended) {
        self.state.resume(suspended);
        if self.has_garbage() || self.ended() {
            self.state.call_attention();
        }
    }

    #[inline]
    fn garbage(&self) -> Vec<Garbage> {
        // SAFETY: nothing else refers to the vector: it is only ever touched for the length of one statement.
        std::mem::take(unsafe { &mut *self.garbage.get() })
    }

    unsafe fn told_to_end(object: *const Self) {
        // SAFETY: the caller is pinned to the slot, so the object is there, and other threads may touch what is atomic or has
        // a lock.
        let (marks, sending) = unsafe { (&(*object).marks, &(*object).ws.sending) };
        marks.end();
        sending.give_up();
    }

    fn situation(&self) -> Situation {
        match self.member() {
            _ if self.in_callback() => Situation::OwnCallback,
            Some(multi) if multi.is_between() => Situation::Between,
            _ => Situation::Beside,
        }
    }

    fn close(&self) {
        if let Some(multi) = self.member() {
            multi.part_with(self);
        }
        self.leave_multi();
        self.slot.set_waker(null_mut());
        // SAFETY: both are this handle's own, no callback of theirs is running, and neither is used after this. The order is
        // libcurl's own: connections first, while there still is a handle to close them with.
        self.within(|| unsafe { sys::curl_multi_cleanup(self.multi.take()) });
        if !self.disowned.get() {
            self.free();
        }
        if let Some(closer) = &self.closer {
            closer.forget_lost();
        }
    }

    fn remains(mut self: Box<Self>) -> Vec<Garbage> {
        self.discard_all();
        self.leave_share();
        if let Some(closer) = self.closer.take() {
            self.discard(Garbage::Holder(closer));
        }
        if let Some(private) = self.private.take() {
            self.discard(Garbage::UserData(private));
        }
        self.garbage()
    }
}

impl Easy {
    /// Wraps a libcurl handle, new or duplicated, and takes it over.
    fn wrap(slot: &'static registry::Slot, handle: *mut curlback_easy, curl: *mut CURL) -> Box<Self> {
        let mut easy = Box::new(Easy {
            slot,
            handle,
            curl,
            state: State::default(),
            marks: Marks::default(),
            slots: [const { Slot::new() }; SLOTS],
            groups: Default::default(),
            batch: Batch::default(),
            disowned: Cell::new(false),
            multi: OwnMulti::default(),
            connect_only: Cell::new(false),
            attached: Cell::new(null_mut()),
            membership: Membership::default(),
            paused: Cell::new(0),
            pinned: Cell::new(0),
            garbage: UnsafeCell::new(Vec::new()),
            body: Collected::default(),
            header: Collected::default(),
            source_bytes: Source::default(),
            ws: WebSocket::default(),
            held: Held::default(),
            mime: MimeOfEasy::default(),
            share: RefCell::default(),
            closer: None,
            strings: Lazy::default(),
            private: Cell::new(None),
            record: Record::default(),
            error_buffer: OnceCell::new(),
        });
        easy.closer = Some(Closer::new(&*easy, handle));
        easy
    }

    /// Makes the handle that `open` opens at libcurl, and lets `set_up` finish it.
    fn create(
        open: impl FnOnce() -> *mut CURL,
        set_up: impl FnOnce(&Easy) -> Outcome,
    ) -> Outcome<*mut curlback_easy> {
        library::initialised()?;
        registry::insert::<Easy>(|slot, handle| {
            let curl = open();
            if curl.is_null() {
                return fail(code::E_NO_MEMORY, "libcurl could not make a handle");
            }
            let easy = Easy::wrap(slot, handle, curl);
            match easy.set_own_pointers().and_then(|()| set_up(&easy)) {
                Ok(()) => Ok(easy),
                Err(failure) => {
                    easy.close();
                    Err(failure)
                }
            }
        })
    }

    /// A handle for a transfer that the server of this one's began, from libcurl's duplicate of this one's.
    pub fn adopt_pushed(&self, pushed: *mut CURL) -> Outcome<*mut curlback_easy> {
        registry::insert::<Easy>(|slot, handle| {
            let easy = Easy::wrap(slot, handle, pushed);
            easy.set_own_pointers().and_then(|()| easy.copy_from(self))?;
            easy.have_sentences()?;
            Ok(easy)
        })
    }

    /// libcurl puts its handle into that multi handle itself.
    pub fn attach_pushed(&self, multi: *mut CURLM) {
        self.slot.begin_transfer();
        self.attached.set(multi);
    }

    /// libcurl frees its handle itself.
    pub fn disown(&self) {
        self.disowned.set(true);
    }

    /// What belongs to this very handle.
    fn set_own_pointers(&self) -> Outcome {
        if !self.sentence_start().is_null() {
            self.set_error_buffer()?;
        }
        // Not a pointer: libcurl shows callbacks handles that are none of this library's, and what they have there is anything.
        self.setopt_pointer(opt::PRIVATE, self.handle.cast_const().cast())?;
        self.set_pointers(OpenSocket::OPTIONS, OpenSocket::trampoline(), self.data())?;
        // Its data is NULL by itself.
        self.setopt_pointer(CloseSocket::OPTIONS.0, CloseSocket::trampoline())
    }

    /// What closes the sockets that are opened for it.
    pub fn closer(&self) -> Option<&Arc<Closer>> {
        self.closer.as_ref()
    }

    /// The closer calls what the slot of close_socket holds now.
    pub fn follow_close_socket(&self) {
        if let Some(closer) = &self.closer {
            closer.follow(self);
        }
    }

    /// What differs from libcurl's defaults.
    fn set_defaults(&self) -> Outcome {
        self.setopt_long(opt::NOSIGNAL, 1)?;
        let authorities = ca::found();
        for (option, path) in [(opt::CAINFO, &authorities.file), (opt::CAPATH, &authorities.directory)] {
            if let Some(path) = path {
                self.setopt_pointer(option, path.as_ptr().cast())?;
            }
        }
        Ok(())
    }

    /// The curlback_multi that it is in, which this thread owns with it.
    #[inline]
    pub fn member(&self) -> Option<&Multi> {
        self.membership.multi()
    }

    pub fn slot(&self) -> &'static registry::Slot {
        self.slot
    }

    /// libcurl's handle.
    pub fn curl(&self) -> *mut CURL {
        self.curl
    }

    /// What callbacks are given.
    #[inline]
    pub fn handle(&self) -> *mut curlback_easy {
        self.handle
    }

    /// What libcurl's data pointers are set to.
    pub fn data(&self) -> *const c_void {
        std::ptr::from_ref(self).cast()
    }

    pub fn has<K: Kind>(&self) -> bool {
        self.slots[const { slot_of(K::ID) }].is_set()
    }

    /// Keeps what was replaced until no callback of this handle is running.
    pub fn discard(&self, piece: Garbage) {
        // SAFETY: as in garbage().
        unsafe { &mut *self.garbage.get() }.push(piece);
        self.state.call_attention();
    }

    fn has_garbage(&self) -> bool {
        // SAFETY: as in garbage().
        !unsafe { &*self.garbage.get() }.is_empty()
    }

    /// A callback has returned: what was replaced in it goes, unless another is running outside of it.
    #[cold]
    pub fn dispose_in_callback(&self, kind: callback::curlback_callback) {
        if self.state.is_nested() {
            return;
        }
        let garbage = self.garbage();
        if let Err(panic) = boundary::contain(|| crate::slot::dispose(garbage)) {
            self.panicked_in(kind, boundary::panic_text(&*panic));
        }
    }

    /// All that the handle holds of its caller's goes, but for the private data.
    fn discard_all(&self) {
        for slot in self.slots.iter().filter(|slot| slot.is_set()) {
            if let Some(old) = slot.replace(None) {
                self.discard(Garbage::Registration(old));
            }
        }
        self.source_bytes.replace(None);
        self.record.begin(self);
        self.forget_strings();
        self.body.forget();
        self.header.forget();
        self.ws.forget();
        self.held.clear();
        self.mime.forget().into_iter().for_each(|piece| self.discard(piece));
    }

    fn reset(&self) -> Outcome {
        match self.member() {
            Some(_) if self.slot.active() => {
                return fail(
                    code::E_IN_USE,
                    "its transfer in a multi handle is not over: remove it from there first",
                );
            }
            Some(_) => {}
            None => self.leave_multi(),
        }
        // SAFETY: the handle is idle: perform, reset and close are refused in callbacks.
        self.within(|| unsafe { sys::curl_easy_reset(self.curl) });
        self.discard_all();
        self.follow_close_socket();
        for which in [Which::Body, Which::Header, Which::Source] {
            self.group(which).reset();
        }
        self.multi.reset();
        self.connect_only.set(false);
        self.batch.reset();
        self.pinned.set(0);
        self.set_own_pointers()?;
        self.set_defaults()
    }

    /// Makes this new handle, whose libcurl handle is a duplicate of `original`'s, a duplicate in all the rest.
    fn copy_from(&self, original: &Easy) -> Outcome {
        // libcurl has copied where the original's is.
        self.set_error_buffer()?;
        for (slot, other) in self.slots.iter().zip(&original.slots) {
            slot.replace(other.share());
        }
        self.follow_close_socket();
        for which in [Which::Body, Which::Header, Which::Source] {
            self.group(which).copy_from(original.group(which));
        }
        self.source_bytes.replace(original.source_bytes.borrow().as_ref().map(SourceBytes::again));
        self.multi.copy_from(&original.multi);
        self.connect_only.set(original.connect_only.get());
        self.batch.copy_from(&original.batch);
        self.pinned.set(original.pinned.get());
        self.ws.options.set(original.ws.options.get());
        self.held.copy_from(&original.held);
        self.copy_mime(original)?;
        self.wire_all()
    }
}

/// A new handle, with libcurl's default options but for these: NOSIGNAL is on; VERBOSE and NOPROGRESS follow the callbacks that
/// are registered; CAINFO and CAPATH name the system's certificate authorities where the linked libcurl knows of none.
///
/// NULL on failure, which curlback_last_error() explains. Free it with curlback_easy_close() or curlback_easy_release(). From any
/// thread, also inside callbacks. The first use of the library initialises it, as curlback_init() does.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_new() -> *mut curlback_easy {
    // SAFETY: the library is initialised by then.
    enter_or(null_mut(), || Easy::create(|| unsafe { sys::curl_easy_init() }, Easy::set_defaults))
}

/// Closes the handle: its connections end, and all user data it holds is dropped before the call returns. NULL is
/// CURLBACK_OK.
///
/// From any thread. Where another thread drives the multi handle that it was in last, what is libcurl's own is freed by that thread, soon.
/// CURLBACK_E_IN_CALLBACK from inside a callback of this handle, CURLBACK_E_BUSY while another thread is at work on it: it then stays open. Callbacks that libcurl calls while the handle closes still get it, but of its functions only
/// curlback_easy_private() and curlback_easy_raise() can be called.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_close(easy: *mut curlback_easy) -> curlback_result {
    enter(|| {
        if !easy.is_null() {
            claim::<Easy>(easy, Call::Perform)?.close();
        }
        Ok(())
    })
}

/// Gives the handle up: for finalizers. Never fails, from any thread, at any time, also inside callbacks and drop functions; NULL
/// and handles that are gone already are ignored. The handle is gone at once for its callers. What is behind it is closed
/// before the call returns if nothing runs on it, else by the thread that runs it, as soon as that is done.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_release(easy: *mut curlback_easy) {
    boundary::value((), || registry::release::<Easy>(easy));
}

/// Sets options, callbacks, destinations and sources back to those of a new handle; their user data is dropped. Private data,
/// connections, cookies and caches stay.
///
/// CURLBACK_E_IN_CALLBACK from inside a callback of this handle; CURLBACK_E_IN_USE while its transfer in a multi handle is under way.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_reset(easy: *mut curlback_easy) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Perform)?.reset())
}

/// Makes in `copy` a new handle with the same options, callbacks, destinations and sources: memory that a body is collected in
/// starts empty, a source in memory at its beginning. Private data is not copied. User data is shared: it is dropped when the
/// last of the handles lets go of it.
///
/// Also inside callbacks. The copy is the caller's, to be freed by curlback_easy_close() or curlback_easy_release().
///
/// # Safety
/// `copy` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_duplicate(
    easy: *mut curlback_easy,
    copy: *mut *mut curlback_easy,
) -> curlback_result {
    enter(|| {
        let original = claim::<Easy>(easy, Call::Duplicate)?;
        given(copy, "copy")?;
        // SAFETY: the libcurl handle is there, and this thread owns it.
        let open = || original.within(|| unsafe { sys::curl_easy_duphandle(original.curl) });
        let duplicate = Easy::create(open, |easy| easy.copy_from(&original))?;
        // SAFETY: not NULL, and the caller vouches that it can be written to.
        unsafe { *copy = duplicate };
        Ok(())
    })
}

/// Keeps a pointer of the application's own with the handle, for curlback_easy_private(). What was there is dropped. NULL
/// for `user_data` keeps none, and `drop` is then not called.
///
/// Also inside callbacks. reset keeps it, duplicate does not copy it.
///
/// # Safety
/// `drop` may be called with `user_data`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_set_private(
    easy: *mut curlback_easy,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        let private = (!user_data.is_null()).then(|| UserData::new(user_data, drop));
        if let Some(old) = easy.private.replace(private) {
            easy.discard(Garbage::UserData(old));
        }
        Ok(())
    })
}

/// The pointer that curlback_easy_set_private() keeps; NULL where there is none, and where it is refused:
/// curlback_last_error() says why. Also inside callbacks, those too that run while the handle closes.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_private(easy: *mut curlback_easy) -> *mut c_void {
    enter_or(null_mut(), || {
        let easy = claim_quickly::<Easy>(easy, Call::Private)?;
        let private = easy.private.take();
        let pointer = private.as_ref().map_or(null_mut(), UserData::get);
        easy.private.set(private);
        Ok(pointer)
    })
}

/// The CURL pointer underneath, for what this interface lacks; NULL where it is refused. It belongs to the handle. Its callbacks and
/// their data pointers, ERRORBUFFER and PRIVATE are the library's: leave them alone, do not perform, reset or close it, and use
/// it only where a function that sets options might be called.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_curl(easy: *mut curlback_easy) -> *mut c_void {
    enter_or(null_mut(), || Ok(claim::<Easy>(easy, Call::Get)?.curl.cast()))
}

/// What an unsupported option or callback is answered with.
pub fn unsupported(name: &str, since: &str) -> boundary::Failure {
    boundary::Failure::new(
        code::E_UNSUPPORTED,
        format!(
            "{name} needs libcurl {since} or newer, built with it; this is libcurl {}{}",
            version::text(),
            library::linkage_note()
        ),
    )
}
