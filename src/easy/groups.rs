//! The three exclusive groups: where the body and the headers go, and where an upload comes from.
//!
//! libcurl knows one function and one data pointer for each group. Every member of a group uses the same trampoline, which looks at
//! what is set now: libcurl keeps copies of both for the length of a transfer.

use std::cell::Cell;
use std::ffi::{c_int, c_void};

use super::{Easy, batch};
use crate::boundary::{Outcome, fail};
use crate::callback::{Kind, body, curlback_callback, slot_of, source};
use crate::libcurl::sys;
use crate::result::code;
use crate::slot::{Garbage, curlback_drop_cb};
use crate::ws::message::WsMessage;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    Body,
    Header,
    Source,
}

/// What a group has set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Member {
    None,
    Callback,
    File(*mut libc::FILE),
    Fd(c_int),
    /// With the limit of what is collected.
    Memory(usize),
    /// Whole WebSocket messages to a callback, with their limit. Of the body group alone.
    Messages(usize),
}

impl Member {
    fn ordinal(self) -> usize {
        match self {
            Member::None => 0,
            Member::Callback => 1,
            Member::File(_) => 2,
            Member::Fd(_) => 3,
            Member::Memory(_) => 4,
            Member::Messages(_) => 5,
        }
    }
}

/// The functions that set a member, by group and member.
const NAMES: [[&str; 6]; 3] = [
    ["", "on_write", "body_to_file", "body_to_fd", "body_to_memory", "on_ws_message"],
    ["", "on_header", "header_to_file", "header_to_fd", "header_to_memory", ""],
    ["", "on_read", "read_from_file", "read_from_fd", "read_from_memory", ""],
];

const CLEAR: [&str; 3] = ["clear_body", "clear_header", "clear_source"];

/// The function that set this member.
pub fn member_name(which: Which, member: Member) -> &'static str {
    NAMES[which as usize][member.ordinal()]
}

pub struct Group(Cell<Member>);

impl Default for Group {
    fn default() -> Self {
        Group(Cell::new(Member::None))
    }
}

impl Group {
    #[inline]
    pub fn get(&self) -> Member {
        self.0.get()
    }

    pub fn reset(&self) {
        self.0.set(Member::None);
    }

    pub fn copy_from(&self, other: &Group) {
        self.0.set(other.0.get());
    }
}

impl Easy {
    pub fn group(&self, which: Which) -> &Group {
        &self.groups[which as usize]
    }

    /// Sets a member, or unsets it; false if there was nothing to unset. Refuses where another member is set.
    pub fn change(&self, which: Which, member: Member, set: bool) -> Outcome<bool> {
        let current = self.group(which).get();
        let same = current.ordinal() == member.ordinal();
        if !set {
            if same {
                self.put(which, Member::None)?;
            }
            return Ok(same);
        }
        if !same && current != Member::None {
            return fail(
                code::E_EXCLUSIVE,
                format!(
                    "{} is set; unset it with curlback_easy_{} before {}",
                    member_name(which, current),
                    CLEAR[which as usize],
                    member_name(which, member)
                ),
            );
        }
        self.put(which, member)?;
        Ok(true)
    }

    /// register(), for a callback that is a member of a group.
    pub fn register_member<K: Kind>(
        &self,
        which: Which,
        member: Member,
        callback: Option<K::Function>,
        user_data: *mut c_void,
        drop: curlback_drop_cb,
    ) -> Outcome {
        if self.change(which, member, callback.is_some())? {
            self.store::<K>(callback, user_data, drop);
        }
        Ok(())
    }

    /// Back to libcurl's default, whatever was set.
    pub fn clear_group(&self, which: Which) -> Outcome {
        self.put(which, Member::None)?;
        let kinds: &[curlback_callback] = match which {
            Which::Body => &[body::Write::ID, WsMessage::ID],
            Which::Header => &[body::Header::ID],
            Which::Source => &[source::Read::ID],
        };
        for kind in kinds {
            if let Some(old) = self.slots[slot_of(*kind)].replace(None) {
                self.discard(Garbage::Registration(old));
            }
        }
        if which == Which::Source {
            self.source_bytes.replace(None);
        }
        Ok(())
    }

    fn put(&self, which: Which, member: Member) -> Outcome {
        let before = self.group(which).0.replace(member);
        let wired = self.wire_group(which);
        if wired.is_err() {
            self.group(which).0.set(before);
        }
        wired
    }

    /// Gives libcurl what the group needs now: the trampoline and this handle, or its own defaults. Those of the data pointers
    /// are the standard streams, not NULL: libcurl would hand that to fwrite.
    pub fn wire_group(&self, which: Which) -> Outcome {
        let set = self.group(which).get() != Member::None;
        let collects = self.batch.collects();
        let (options, trampoline, default) = match which {
            Which::Body if collects => (body::Write::OPTIONS, batch::trampoline(), sys::standard_output()),
            Which::Body => (body::Write::OPTIONS, body::Write::trampoline(), sys::standard_output()),
            Which::Header if collects => {
                (body::Header::OPTIONS, batch::ordering_trampoline(), std::ptr::null_mut())
            }
            Which::Header => (body::Header::OPTIONS, body::Header::trampoline(), std::ptr::null_mut()),
            Which::Source => (source::Read::OPTIONS, source::Read::trampoline(), sys::standard_input()),
        };
        if set {
            self.set_pointers(options, trampoline, self.data())?;
        } else {
            self.set_pointers(options, std::ptr::null(), default)?;
        }
        if which == Which::Source { self.wire_seek(self.has::<source::Seek>()) } else { Ok(()) }
    }
}
