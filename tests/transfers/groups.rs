//! Of each group one member can be set at a time.

use std::ffi::{c_int, c_void};
use std::os::fd::AsRawFd;
use std::ptr::{null, null_mut};

use curlback::callback::body::{curlback_easy_on_header, curlback_easy_on_write};
use curlback::callback::source::curlback_easy_on_read;
use curlback::easy::sink::{
    curlback_easy_body_to_fd, curlback_easy_body_to_file, curlback_easy_body_to_memory,
    curlback_easy_clear_body, curlback_easy_clear_header, curlback_easy_header_to_fd,
    curlback_easy_header_to_file, curlback_easy_header_to_memory,
};
use curlback::easy::source::{
    curlback_easy_clear_source, curlback_easy_read_from_fd, curlback_easy_read_from_file,
    curlback_easy_read_from_memory,
};
use curlback::result::code;
use curlback::ws::message::curlback_easy_on_ws_message;

use crate::support::{Drops, Easy, Raw, Token, last_error, ok, skipped, unbox};
use crate::{Stream, memory_file, to};

/// What the members are set to.
struct Things {
    file: *mut libc::FILE,
    fd: c_int,
    drops: Drops,
}

struct Member {
    name: &'static str,
    set: fn(Raw, &Things) -> i32,
    unset: fn(Raw) -> i32,
}

struct Group {
    members: &'static [Member],
    clear: extern "C" fn(Raw) -> i32,
    clear_name: &'static str,
}

unsafe extern "C-unwind" fn take(_: Raw, _: *const u8, len: usize, _: *mut c_void) -> i64 {
    len as i64
}

unsafe extern "C-unwind" fn hear(_: Raw, _: i32, _: *const u8, _: usize, _: *mut c_void) -> i32 {
    0
}

unsafe extern "C-unwind" fn supply(_: Raw, _: *mut u8, _: usize, _: *mut c_void) -> i64 {
    0
}

/// Registers with user data that counts its drop, and frees it again where that is refused.
fn register(things: &Things, set: impl FnOnce(*mut c_void, curlback::slot::curlback_drop_cb) -> i32) -> i32 {
    let data = things.drops.user_data();
    let (before, result) = (things.drops.count(), set(data.0, data.1));
    if result != 0 {
        assert_eq!(things.drops.count(), before, "dropped although it was refused");
        unbox::<Token>(data);
    }
    result
}

// SAFETY, of every block below: the functions take what they are given here: user data with its drop function, a stream
// and a descriptor that are open for longer than the handle, bytes that are there.
const ALL: [Group; 3] = [
    Group {
        members: &[
            Member {
                name: "on_write",
                set: |easy, things| {
                    // SAFETY: see above.
                    register(things, |data, drop| unsafe {
                        curlback_easy_on_write(easy, Some(take), data, drop)
                    })
                },
                // SAFETY: see above.
                unset: |easy| unsafe { curlback_easy_on_write(easy, None, null_mut(), None) },
            },
            Member {
                name: "body_to_file",
                // SAFETY: see above.
                set: |easy, things| unsafe { curlback_easy_body_to_file(easy, things.file) },
                // SAFETY: see above.
                unset: |easy| unsafe { curlback_easy_body_to_file(easy, null_mut()) },
            },
            Member {
                name: "body_to_fd",
                set: |easy, things| curlback_easy_body_to_fd(easy, things.fd),
                unset: |easy| curlback_easy_body_to_fd(easy, -1),
            },
            Member {
                name: "body_to_memory",
                set: |easy, _| curlback_easy_body_to_memory(easy, 100),
                unset: |easy| curlback_easy_body_to_memory(easy, 0),
            },
            Member {
                name: "on_ws_message",
                set: |easy, things| {
                    // SAFETY: see above.
                    register(things, |data, drop| unsafe {
                        curlback_easy_on_ws_message(easy, 10, Some(hear), data, drop)
                    })
                },
                // SAFETY: see above.
                unset: |easy| unsafe { curlback_easy_on_ws_message(easy, 10, None, null_mut(), None) },
            },
        ],
        clear: curlback_easy_clear_body,
        clear_name: "curlback_easy_clear_body",
    },
    Group {
        members: &[
            Member {
                name: "on_header",
                set: |easy, things| {
                    // SAFETY: see above.
                    register(things, |data, drop| unsafe {
                        curlback_easy_on_header(easy, Some(take), data, drop)
                    })
                },
                // SAFETY: see above.
                unset: |easy| unsafe { curlback_easy_on_header(easy, None, null_mut(), None) },
            },
            Member {
                name: "header_to_file",
                // SAFETY: see above.
                set: |easy, things| unsafe { curlback_easy_header_to_file(easy, things.file) },
                // SAFETY: see above.
                unset: |easy| unsafe { curlback_easy_header_to_file(easy, null_mut()) },
            },
            Member {
                name: "header_to_fd",
                set: |easy, things| curlback_easy_header_to_fd(easy, things.fd),
                unset: |easy| curlback_easy_header_to_fd(easy, -1),
            },
            Member {
                name: "header_to_memory",
                set: |easy, _| curlback_easy_header_to_memory(easy, 10_000),
                unset: |easy| curlback_easy_header_to_memory(easy, 0),
            },
        ],
        clear: curlback_easy_clear_header,
        clear_name: "curlback_easy_clear_header",
    },
    Group {
        members: &[
            Member {
                name: "on_read",
                set: |easy, things| {
                    // SAFETY: see above.
                    register(things, |data, drop| unsafe {
                        curlback_easy_on_read(easy, Some(supply), data, drop)
                    })
                },
                // SAFETY: see above.
                unset: |easy| unsafe { curlback_easy_on_read(easy, None, null_mut(), None) },
            },
            Member {
                name: "read_from_file",
                // SAFETY: see above.
                set: |easy, things| unsafe { curlback_easy_read_from_file(easy, things.file) },
                // SAFETY: see above.
                unset: |easy| unsafe { curlback_easy_read_from_file(easy, null_mut()) },
            },
            Member {
                name: "read_from_fd",
                set: |easy, things| curlback_easy_read_from_fd(easy, things.fd),
                unset: |easy| curlback_easy_read_from_fd(easy, -1),
            },
            Member {
                name: "read_from_memory",
                // SAFETY: see above.
                set: |easy, _| unsafe { curlback_easy_read_from_memory(easy, c"bytes".as_ptr().cast(), 5) },
                // SAFETY: see above.
                unset: |easy| unsafe { curlback_easy_read_from_memory(easy, null(), 0) },
            },
        ],
        clear: curlback_easy_clear_source,
        clear_name: "curlback_easy_clear_source",
    },
];

/// The groups, without what the linked libcurl lacks.
fn groups() -> [Group; 3] {
    ALL.map(|group| match group.members {
        [members @ .., last] if last.name == "on_ws_message" && !curlback::ws::built_in() => {
            skipped("on_ws_message as a member of its group", "a libcurl with WebSocket");
            Group { members, ..group }
        }
        _ => group,
    })
}

/// That `member` is what the group has set: every other one is refused with its name.
#[track_caller]
fn assert_set(easy: Raw, group: &Group, member: &Member, things: &Things) {
    for other in group.members.iter().filter(|other| other.name != member.name) {
        assert_eq!((other.set)(easy, things), code::E_EXCLUSIVE, "{} after {}", other.name, member.name);
        let sentence = last_error();
        for part in [member.name, other.name, group.clear_name] {
            assert!(sentence.contains(part), "{part:?} is not in {sentence:?}");
        }
    }
}

fn on_each_pair(check: impl Fn(&Easy, &Group, &Member, &Member, &Things)) {
    let (stream, file) = (Stream::temporary(), memory_file());
    for group in &groups() {
        for first in group.members {
            for second in group.members.iter().filter(|second| second.name != first.name) {
                let things = Things { file: stream.0, fd: file.as_raw_fd(), drops: Drops::new() };
                let easy = to("/hello");
                check(&easy, group, first, second, &things);
            }
        }
    }
}

#[test]
fn another_member_of_the_group_is_refused_with_the_name_of_the_one_that_is_set() {
    on_each_pair(|easy, group, first, _, things| {
        ok((first.set)(easy.raw(), things));
        assert_set(easy.raw(), group, first, things);
    });
}

#[test]
fn unsetting_a_member_that_is_not_set_is_ok_and_changes_nothing() {
    on_each_pair(|easy, group, first, second, things| {
        ok((second.unset)(easy.raw()));
        ok((first.set)(easy.raw(), things));
        let dropped = things.drops.count();
        ok((second.unset)(easy.raw()));
        assert_eq!(things.drops.count(), dropped);
        assert_set(easy.raw(), group, first, things);
    });
}

#[test]
fn unsetting_a_member_makes_place_for_another() {
    on_each_pair(|easy, group, first, second, things| {
        ok((first.set)(easy.raw(), things));
        ok((first.unset)(easy.raw()));
        ok((second.set)(easy.raw(), things));
        assert_set(easy.raw(), group, second, things);
    });
}

#[test]
fn clearing_a_group_makes_place_for_another_member() {
    on_each_pair(|easy, group, first, second, things| {
        ok((group.clear)(easy.raw()));
        ok((first.set)(easy.raw(), things));
        ok((group.clear)(easy.raw()));
        ok((second.set)(easy.raw(), things));
        assert_set(easy.raw(), group, second, things);
        ok((group.clear)(easy.raw()));
        ok((group.clear)(easy.raw()));
        ok((first.set)(easy.raw(), things));
    });
}

#[test]
fn the_groups_do_not_bar_each_other() {
    let (stream, file) = (Stream::temporary(), memory_file());
    let things = Things { file: stream.0, fd: file.as_raw_fd(), drops: Drops::new() };
    for member in 0..4 {
        let easy = Easy::new();
        for group in &groups() {
            ok((group.members[member].set)(easy.raw(), &things));
        }
        for group in &groups() {
            assert_set(easy.raw(), group, &group.members[member], &things);
        }
    }
}

#[test]
fn the_same_member_again_replaces_and_drops_once() {
    let (stream, file) = (Stream::temporary(), memory_file());
    for group in &groups() {
        for member in group.members {
            let things = Things { file: stream.0, fd: file.as_raw_fd(), drops: Drops::new() };
            let easy = Easy::new();
            let counts = member.name.starts_with("on_");
            ok((member.set)(easy.raw(), &things));
            assert_eq!(things.drops.count(), 0);
            ok((member.set)(easy.raw(), &things));
            assert_eq!(things.drops.count(), usize::from(counts), "{}", member.name);
            ok((member.unset)(easy.raw()));
            assert_eq!(things.drops.count(), 2 * usize::from(counts), "{}", member.name);
            ok((member.set)(easy.raw(), &things));
            ok((group.clear)(easy.raw()));
            assert_eq!(things.drops.count(), 3 * usize::from(counts), "{}", member.name);
            drop(easy);
            assert_eq!(things.drops.count(), 3 * usize::from(counts), "{}", member.name);
        }
    }
}

#[test]
fn a_number_below_that_which_unsets_is_no_descriptor() {
    for set in [curlback_easy_body_to_fd, curlback_easy_header_to_fd, curlback_easy_read_from_fd] {
        let easy = Easy::new();
        for number in [-2, c_int::MIN] {
            assert_eq!(set(easy.raw(), number), code::E_RANGE);
            assert!(last_error().contains(&number.to_string()), "{}", last_error());
        }
    }
}

#[test]
fn memory_that_is_null_with_a_length_is_refused() {
    let easy = Easy::new();
    // SAFETY: NULL is what it is to refuse.
    assert_eq!(unsafe { curlback_easy_read_from_memory(easy.raw(), null(), 1) }, code::E_NULL);
    assert!(last_error().contains("data"), "{}", last_error());
}
