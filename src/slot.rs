//! A callback that is registered: function, user data, and what drops the user data.

use std::any::Any;
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Arc;

use crate::boundary::contain;

/// Called exactly once with the `user_data` that it was registered with, when nothing of the library will use that any
/// more, on the thread that let go last. It may call any function of the library.
#[allow(non_camel_case_types)]
pub type curlback_drop_cb = Option<unsafe extern "C-unwind" fn(user_data: *mut c_void)>;

/// Something of the caller's, dropped once.
pub struct UserData {
    data: *mut c_void,
    drop: curlback_drop_cb,
}

// SAFETY: the library only hands the pointer back. It promises no thread: the interface says that drop runs on the thread
// that lets go last.
unsafe impl Send for UserData {}
// SAFETY: as for Send; nothing is read through it.
unsafe impl Sync for UserData {}

impl UserData {
    pub fn new(data: *mut c_void, drop: curlback_drop_cb) -> Self {
        UserData { data, drop }
    }

    #[inline]
    pub fn get(&self) -> *mut c_void {
        self.data
    }

    /// Hands it back to the caller: it is not dropped.
    pub fn take(mut self) -> *mut c_void {
        self.drop = None;
        self.data
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(drop) = self.drop.take() {
            // SAFETY: the caller registered the function for this pointer, to be called once: take() sees to that.
            unsafe { drop(self.data) }
        }
    }
}

/// A function pointer of some kind. callback/ has the kinds, and casts it back.
pub type AnyFunction = *const ();

pub struct Registration {
    pub function: AnyFunction,
    pub user_data: UserData,
}

// SAFETY: a function pointer may go anywhere, and UserData says the same of itself.
unsafe impl Send for Registration {}
// SAFETY: as for Send.
unsafe impl Sync for Registration {}

/// What was replaced, until nothing uses it any more.
pub enum Garbage {
    Registration(Arc<Registration>),
    UserData(UserData),
    /// What may hold a registration in its turn.
    Holder(Arc<dyn Any + Send + Sync>),
}

/// Drops all of it. A panic of one of the callers' drop functions keeps none of the others from running.
#[cold]
pub fn dispose(garbage: Vec<Garbage>) {
    let mut first: Option<Box<dyn Any + Send>> = None;
    for piece in garbage {
        if let Err(panic) = contain(|| match piece {
            Garbage::Registration(registration) => drop(registration),
            Garbage::UserData(data) => drop(data),
            Garbage::Holder(holder) => drop(holder),
        }) {
            first.get_or_insert(panic);
        }
    }
    if let Some(panic) = first {
        std::panic::resume_unwind(panic);
    }
}

/// Where the registration of one kind of callback stands. Duplicates of a handle share it by count.
#[derive(Default)]
pub struct Slot(Cell<Option<Arc<Registration>>>);

impl Slot {
    pub const fn new() -> Self {
        Slot(Cell::new(None))
    }

    /// What to call now.
    #[inline(always)]
    pub fn get(&self) -> Option<(AnyFunction, *mut c_void)> {
        // SAFETY: a Cell's content is only reached by the thread that owns the handle, and the reference ends before
        // anything could replace it.
        let current = unsafe { &*self.0.as_ptr() };
        current.as_ref().map(|registration| (registration.function, registration.user_data.get()))
    }

    pub fn is_set(&self) -> bool {
        self.get().is_some()
    }

    /// Puts another in place, or none, and gives the former back.
    pub fn replace(&self, with: Option<Arc<Registration>>) -> Option<Arc<Registration>> {
        self.0.replace(with)
    }

    /// The same registration once more, for a duplicate.
    pub fn share(&self) -> Option<Arc<Registration>> {
        let current = self.0.take();
        let shared = current.clone();
        self.0.set(current);
        shared
    }
}
