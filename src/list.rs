//! Lists of strings that the library hands out.

use std::ffi::{CString, c_char};
use std::ptr::null;

use crate::access::Call;
use crate::boundary::{self, Outcome, enter_or};
use crate::registry::{self, Kind, Object, claim};

/// A list of strings handed out by the library: curlback_list_len(), curlback_list_get(). It is the caller's, freed by
/// curlback_list_free(). Opaque: the value is never dereferenced, and never used again for another handle.
#[allow(non_camel_case_types)]
pub struct curlback_list {
    _opaque: [u8; 0],
}

pub struct List(Vec<CString>);

impl Object for List {
    type Opaque = curlback_list;
    const KIND: Kind = Kind::List;

    // Nothing calls back.
    type Suspended = ();
    fn suspend(&self) {}
    fn resume(&self, (): ()) {}
}

impl List {
    pub fn create(items: Vec<CString>) -> Outcome<*mut curlback_list> {
        registry::insert(|_, _| Ok(Box::new(List(items))))
    }
}

/// How many strings are in the list; 0 where it is none.
///
/// From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_list_len(list: *const curlback_list) -> usize {
    enter_or(0, || Ok(claim::<List>(list, Call::Get)?.0.len()))
}

/// String number `index` of the list, from 0; NULL past the end, and where it is none. It stays until the list is freed.
///
/// From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_list_get(list: *const curlback_list, index: usize) -> *const c_char {
    enter_or(null(), || Ok(claim::<List>(list, Call::Get)?.0.get(index).map_or(null(), |item| item.as_ptr())))
}

/// Frees the list and its strings. NULL and a list that is freed already are ignored.
///
/// From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_list_free(list: *mut curlback_list) {
    boundary::value((), || registry::release::<List>(list));
}
