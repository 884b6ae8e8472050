//! What an easy handle's trampolines keep account of.

use std::cell::Cell;

use crate::callback::NONE;

/// What a trampoline looks at, in one word: the kind of the callback that is running, NONE outside; and, above it, whether there
/// is more to do after a callback: garbage to be dropped, or an interrupt.
///
/// Callbacks that run inside another, in a call that this one makes, do not know of it: suspend() and resume() around the
/// call see to that.
#[derive(Default)]
pub struct State {
    word: Cell<u16>,
    /// How many callbacks are waiting for a call that they made.
    suspended: Cell<u16>,
    /// How many callbacks are running that libcurl calls in the middle of anything, and how many that supply what is sent.
    in_the_middle: Cell<u16>,
    supplying: Cell<u16>,
    /// The length of the chunk that the running write or header callback was given: to be compared with what it returns. It
    /// costs the trampoline less here than in a register that it would have to save.
    pub expected: Cell<usize>,
    /// How much was read last of what is sent, since perform has looked.
    pub read: Cell<usize>,
}

pub struct Running<'a>(&'a Cell<u16>);

impl<'a> Running<'a> {
    #[inline]
    fn new(count: &'a Cell<u16>) -> Self {
        count.set(count.get() + 1);
        Running(count)
    }
}

impl Drop for Running<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// What suspend() found.
#[derive(Clone, Copy)]
pub struct Suspended {
    word: u16,
    expected: usize,
}

impl State {
    const ATTENTION: u16 = 0x100;

    pub fn current(&self) -> u8 {
        self.word.get() as u8
    }

    /// A callback begins.
    #[inline(always)]
    pub fn enter(&self, kind: u8) {
        self.word.set(u16::from(kind));
    }

    /// A callback has returned; false if there is something left to do, and then it has not been left yet.
    #[inline(always)]
    pub fn leave(&self, kind: u8) -> bool {
        let nothing_left = self.word.get() == u16::from(kind);
        if nothing_left {
            self.word.set(u16::from(NONE));
        }
        nothing_left
    }

    /// The callback has been left, and what was left to do is being done.
    pub fn clear(&self) {
        self.word.set(u16::from(NONE));
    }

    /// The running callback makes a call.
    #[inline]
    pub fn suspend(&self) -> Suspended {
        self.suspended.set(self.suspended.get() + 1);
        Suspended { word: self.word.get(), expected: self.expected.get() }
    }

    /// The call has returned.
    #[inline]
    pub fn resume(&self, suspended: Suspended) {
        self.suspended.set(self.suspended.get() - 1);
        self.expected.set(suspended.expected);
        self.word.set(suspended.word);
    }

    /// Whether a callback is waiting for a call that it made.
    pub fn is_nested(&self) -> bool {
        self.suspended.get() > 0
    }

    /// A callback runs, until what this gives is dropped, that libcurl calls in the middle of anything.
    #[inline]
    pub fn in_the_middle(&self) -> Running<'_> {
        Running::new(&self.in_the_middle)
    }

    /// The same of one that supplies what is sent.
    #[inline]
    pub fn supplying(&self) -> Running<'_> {
        Running::new(&self.supplying)
    }

    /// Whether one that supplies runs, be it further out.
    pub fn is_supplying(&self) -> bool {
        self.supplying.get() > 0
    }

    /// Whether one that is called in the middle of anything runs, be it further out.
    pub fn is_in_the_middle(&self) -> bool {
        self.in_the_middle.get() > 0
    }

    pub fn call_attention(&self) {
        self.word.set(self.word.get() | Self::ATTENTION);
    }
}
