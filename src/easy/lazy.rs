//! What most handles never need: made when it is first used.

use std::cell::OnceCell;

/// Takes a pointer's room until then.
pub struct Lazy<T>(OnceCell<Box<T>>);

impl<T> Default for Lazy<T> {
    fn default() -> Self {
        Lazy(OnceCell::new())
    }
}

impl<T: Default> Lazy<T> {
    /// It is there from here on.
    pub fn made(&self) -> &T {
        self.0.get_or_init(Box::default)
    }

    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.0.get().map(|made| &**made)
    }
}
