//! Handles that are lent to a callback, and live no longer than that.

use std::ops::Deref;

use super::{Guard, Object, claim, insert};
use crate::access::Call;
use crate::boundary::Outcome;

/// An object behind a handle of its own for as long as this is there. It is the calling thread's all the time, as if it were
/// running: other threads are refused.
pub struct Lent<T: Object> {
    handle: *mut T::Opaque,
    guard: Option<Guard<T>>,
}

pub fn lend<T: Object>(object: T) -> Outcome<Lent<T>> {
    let handle = insert::<T>(|_, _| Ok(Box::new(object)))?;
    let guard = claim::<T>(handle, Call::Perform)?;
    Ok(Lent { handle, guard: Some(guard) })
}

impl<T: Object> Lent<T> {
    pub fn handle(&self) -> *mut T::Opaque {
        self.handle
    }
}

impl<T: Object> Deref for Lent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.guard.as_ref().expect("there until it is dropped")
    }
}

impl<T: Object> Drop for Lent<T> {
    fn drop(&mut self) {
        if let Some(guard) = self.guard.take() {
            guard.close();
        }
    }
}
