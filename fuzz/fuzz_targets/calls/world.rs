//! One play of an input: the handles there have been, and who decides what is done next.

use std::cell::{Cell, RefCell};
use std::ptr::without_provenance_mut;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use curlback::easy::options::{curlback_easy_set_int, curlback_easy_set_str};
use curlback::easy::{curlback_easy, curlback_easy_close};
use curlback::libcurl::tables::opt;
use curlback::library::{curlback_init, curlback_live_handles};
use curlback::list::curlback_list_free;
use curlback::mime::curlback_mime_close;
use curlback::multi::curlback_multi_close;
use curlback::result::code;
use curlback::share::curlback_share_close;
use curlback_fuzz::{Drops, Input, Token, assert_known, descriptors, last_error, open_descriptors};

use crate::{calls, of_easy, of_multi, of_rest, server, watchdog};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Null,
    /// Closed, of another kind, or never a handle.
    Dead,
    /// Being closed, or closed with something else.
    Unsure,
    Live,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Easy,
    Multi,
    Share,
    Mime,
    Part,
    List,
    Trailers,
    HstsSlot,
}

#[derive(Clone, Copy)]
pub struct Handle {
    pub kind: Kind,
    pub value: usize,
    pub state: State,
}

impl Handle {
    pub fn pointer<T>(self) -> *mut T {
        without_provenance_mut(self.value)
    }
}

/// What is enough of each, for one play.
const HANDLES: usize = 6;
const ACTS: u32 = 64;
const TRANSFERS: u32 = 6;
const DEPTH: u32 = 4;

pub struct World {
    pub input: Input,
    pub drops: Drops,
    handles: RefCell<[Vec<Handle>; 8]>,
    /// Sockets that a multi handle has spoken of.
    pub sockets: RefCell<Vec<isize>>,
    releases_seen: Cell<u32>,
    /// Whether a handle was told to connect only.
    pub connects_only: Cell<bool>,
    acts: Cell<u32>,
    transfers: Cell<u32>,
    depth: Cell<u32>,
}

thread_local! {
    static WORLD: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

/// The play that goes on on this thread; none while its handles are closed at the end.
pub fn world() -> Option<Rc<World>> {
    WORLD.with_borrow(Clone::clone)
}

pub fn play(data: &[u8]) {
    assert_eq!(curlback_init(), code::OK);
    let _ = server::name();
    watchdog::begin();
    // Not those of each play's beginning: the server may be about to accept what the last one has closed already.
    static BEFORE: OnceLock<(usize, Vec<String>)> = OnceLock::new();
    let before = BEFORE.get_or_init(|| (open_descriptors(), descriptors()));
    let world = Rc::new(World {
        input: Input::new(data),
        drops: Drops::default(),
        handles: RefCell::default(),
        sockets: RefCell::default(),
        releases_seen: Cell::new(0),
        connects_only: Cell::new(false),
        acts: Cell::new(ACTS),
        transfers: Cell::new(TRANSFERS),
        depth: Cell::new(0),
    });
    WORLD.set(Some(Rc::clone(&world)));
    // Most plays need these, and with them short inputs go far.
    of_easy::new(&world);
    of_multi::new(&world);
    while !world.input.ended() && world.acts.get() > 0 {
        world.act();
    }
    WORLD.set(None);
    world.close_all();
    world.drops.assert_each_once();
    assert_eq!(curlback_live_handles(), 0, "handles are left");
    world.assert_dead();
    let end = Instant::now() + Duration::from_secs(5);
    // The server closes its side when it sees that ours is closed.
    while open_descriptors() != before.0 {
        assert!(Instant::now() < end, "descriptors: {:?} before, now {:?}", before.1, descriptors());
        std::thread::yield_now();
    }
}

impl World {
    /// Does what the next bytes of the input say.
    pub fn act(self: &Rc<Self>) {
        if self.acts.get() == 0 || self.depth.get() >= DEPTH {
            return;
        }
        self.acts.set(self.acts.get() - 1);
        self.depth.set(self.depth.get() + 1);
        match self.byte() {
            act @ 0..130 => of_easy::act(self, act),
            act @ 130..190 => of_multi::act(self, act - 130),
            act @ 190..240 => of_rest::act(self, act - 190),
            240..=255 => self.misuse(),
        }
        self.depth.set(self.depth.get() - 1);
    }

    /// Any function at all, with what is no handle of its kind.
    fn misuse(&self) {
        let rows = calls::all_rows().count();
        let row = calls::all_rows().nth(usize::from(self.byte()) % rows).expect("fewer than there are");
        let kind = match row.takes() {
            "curlback_multi" => Kind::Multi,
            "curlback_share" => Kind::Share,
            "curlback_mime" => Kind::Mime,
            "curlback_mime_part" => Kind::Part,
            "curlback_list" => Kind::List,
            "curlback_trailers" => Kind::Trailers,
            "curlback_hsts_slot" => Kind::HstsSlot,
            _ => Kind::Easy,
        };
        let handle = self.invented(kind, self.byte());
        match handle.state {
            State::Dead => assert_eq!(row.attempt(handle.value).0, row.unknown, "{}", row.name),
            State::Null => assert_eq!(row.attempt(0).0, row.null, "{}", row.name),
            State::Unsure | State::Live => {}
        }
    }

    pub fn byte(&self) -> u8 {
        self.input.byte()
    }

    pub fn number(&self) -> usize {
        usize::from(self.byte())
    }

    pub fn one_of<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.number() % choices.len()]
    }

    pub fn token(&self, what: &'static str) -> Token {
        self.drops.token(what)
    }

    /// Whether one more call that can transfer may be made.
    pub fn may_transfer(&self) -> bool {
        let left = self.transfers.get();
        self.transfers.set(left.saturating_sub(1));
        left > 0
    }

    pub fn has_room(&self, kind: Kind) -> bool {
        self.handles.borrow()[kind as usize].len() < HANDLES
    }

    /// A new handle, unless it is NULL.
    pub fn keep<T>(&self, kind: Kind, handle: *mut T, state: State) {
        if !handle.is_null() {
            if kind == Kind::Easy {
                watchdog::knows(handle.addr());
            }
            self.handles.borrow_mut()[kind as usize].push(Handle { kind, value: handle.addr(), state });
        }
    }

    pub fn set_state(&self, handle: Handle, state: State) {
        for known in &mut self.handles.borrow_mut()[handle.kind as usize] {
            if known.value == handle.value {
                known.state = state;
            }
        }
    }

    pub fn handles(&self, kind: Kind) -> Vec<Handle> {
        self.handles.borrow()[kind as usize].clone()
    }

    /// One that was made, or now and then something else.
    pub fn pick(&self, kind: Kind) -> Handle {
        let byte = self.byte();
        let made = self.handles(kind);
        if byte >= 0xe8 || made.is_empty() {
            return self.invented(kind, byte);
        }
        made[usize::from(byte) % made.len()]
    }

    /// A value that resembles a handle; it can be one.
    fn invented(&self, kind: Kind, byte: u8) -> Handle {
        let made = self.handles(kind);
        let model = made.get(self.number() % HANDLES).map_or(1 << 63, |handle| handle.value);
        let value = match byte % 8 {
            0 => 0,
            // Another generation, another slot, another kind, no kind.
            1 => model ^ 1 << 26,
            2 => model ^ 1 << (byte % 26),
            3 => model ^ 1 << 58,
            4 => model & !(1 << 63),
            5 => 1 << 63 | self.number() << 26 | self.number(),
            6 => self
                .handles(self.one_of(&[Kind::Easy, Kind::Multi, Kind::Share, Kind::Mime, Kind::Part]))
                .last()
                .map_or(8, |handle| handle.value),
            _ => model,
        };
        let known = made.iter().find(|handle| handle.value == value);
        let state = match known {
            Some(known) => known.state,
            None if value == 0 => State::Null,
            None => State::Dead,
        };
        Handle { kind, value, state }
    }

    /// What a function answered that takes this handle and no other.
    #[track_caller]
    pub fn answered(&self, handle: Handle, result: i32) -> i32 {
        self.answered_of(handle, result);
        // The call can have closed it, by way of a callback or a drop function.
        let live = |known: &Handle| known.value == handle.value && known.state == State::Live;
        let still = self.handles.borrow()[handle.kind as usize].iter().any(live);
        assert!(!still || result != code::E_HANDLE, "{}", last_error());
        result
    }

    /// What a function answered that takes this handle and another, or says nothing certain of a live one.
    #[track_caller]
    pub fn answered_of(&self, handle: Handle, result: i32) {
        assert_known(result);
        match handle.state {
            State::Null => assert_eq!(result, code::E_NULL, "{}", last_error()),
            State::Dead => assert_eq!(result, code::E_HANDLE, "{}", last_error()),
            State::Unsure | State::Live => {}
        }
    }

    /// Closes it by `close`, keeping in mind whether it still is one.
    #[track_caller]
    pub fn close(&self, handle: Handle, close: impl FnOnce() -> i32) {
        // Of what is called meanwhile some finds it, and some does not.
        self.set_state(handle, State::Unsure);
        let releases = self.releases_seen.get();
        let result = close();
        assert_known(result);
        match handle.state {
            State::Null => assert_eq!(result, code::OK),
            State::Dead => assert_eq!(result, code::E_HANDLE),
            State::Unsure => {}
            State::Live => assert_ne!(result, code::E_HANDLE),
        }
        // What was released meanwhile is not live again.
        match (result, handle.state) {
            (code::OK, _) => self.set_state(handle, State::Dead),
            (_, State::Live) if self.releases_seen.get() == releases => self.set_state(handle, State::Live),
            _ => {}
        }
    }

    /// Whether nothing may be under way that only its handle can end: libcurl limits no time where it is to connect only.
    pub fn may_release(&self) -> bool {
        !self.connects_only.get() || self.depth.get() == 1
    }

    /// It is about to be released, and nobody knows whether it runs.
    pub fn releases(&self, handle: Handle) {
        self.releases_seen.set(self.releases_seen.get() + 1);
        if handle.state == State::Live {
            self.set_state(handle, State::Unsure);
        }
    }

    /// Every transfer ends soon, and goes to the server.
    pub fn limit(easy: *mut curlback_easy) {
        let name = format!("{}\0", server::name());
        curlback_easy_set_int(easy, opt::TIMEOUT_MS, 5);
        curlback_easy_set_int(easy, opt::CONNECTTIMEOUT_MS, 5);
        // Reading the system's authorities takes longer than all the rest.
        curlback_easy_set_int(easy, opt::SSL_VERIFYPEER, 0);
        // SAFETY: it ends with NUL.
        unsafe { curlback_easy_set_str(easy, opt::ABSTRACT_UNIX_SOCKET, name.as_ptr().cast()) };
    }

    fn close_all(&self) {
        let close = |kind: Kind, close: fn(Handle) -> i32| {
            for handle in self.handles(kind) {
                let result = close(handle);
                assert!(
                    matches!(result, code::OK | code::E_HANDLE | code::E_IN_USE),
                    "{result}: {}",
                    last_error()
                );
                assert!(handle.state != State::Live || result != code::E_HANDLE, "it was live");
                assert!(handle.state != State::Dead || result == code::E_HANDLE, "it was closed");
            }
        };
        close(Kind::Multi, |handle| curlback_multi_close(handle.pointer()));
        close(Kind::Easy, |handle| curlback_easy_close(handle.pointer()));
        close(Kind::Share, |handle| curlback_share_close(handle.pointer()));
        // Those that are part of another go with it.
        close(Kind::Mime, |handle| curlback_mime_close(handle.pointer()));
        for handle in self.handles(Kind::List) {
            curlback_list_free(handle.pointer());
        }
    }

    /// Nothing that there was is a handle any more.
    fn assert_dead(&self) {
        for (kind, row) in [(Kind::Easy, "curlback_easy_cancel"), (Kind::Multi, "curlback_multi_stop")] {
            let row = calls::all_rows().find(|known| known.name == row).expect("a function");
            for handle in self.handles(kind) {
                assert_eq!(row.attempt(handle.value).0, code::E_HANDLE);
            }
        }
    }
}
