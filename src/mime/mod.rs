//! Bodies in parts, as multipart/form-data has them.
//!
//! | | |
//! |---|---|
//! | here | the handles of mimes |
//! | [`part`] | the parts: name, type, headers, content |
//! | [`callbacks`] | the callbacks that supply a part |
//! | [`tree`] | what the callers made |
//! | [`sending`] | what libcurl is given of it, for each transfer |
//!
//! libcurl has one tree of parts, which it reads from and which belongs to one handle. Here the callers' tree is apart from it:
//! several handles can send it, each with callbacks that get the handle that performs, and what libcurl reads stays as it is
//! until it has read it.

pub mod callbacks;
pub mod part;
pub mod sending;
pub mod tree;

use std::ptr::null_mut;
use std::sync::Arc;

use crate::access::Call;
use crate::boundary::{self, enter, enter_or};
use crate::easy::{Easy, curlback_easy};
use crate::registry::{self, Kind, Object, claim};
use crate::result::curlback_result;
use crate::slot::Garbage;

use tree::Tree;

/// A body in parts: curlback_mime_add(), curlback_easy_set_mime(). Made by curlback_mime_new(), freed by curlback_mime_close() or
/// curlback_mime_release(). Opaque: the value is never dereferenced, and never used again for another handle.
#[allow(non_camel_case_types)]
pub struct curlback_mime {
    _opaque: [u8; 0],
}

/// A part of a mime, which owns it: it lives as long as the curlback_mime's handle. Made by curlback_mime_add(). Opaque: the value is
/// never dereferenced, and never used again for another handle.
#[allow(non_camel_case_types)]
pub struct curlback_mime_part {
    _opaque: [u8; 0],
}

pub struct Mime(Arc<Tree>);

impl Object for Mime {
    type Opaque = curlback_mime;
    const KIND: Kind = Kind::Mime;

    // Nothing calls back.
    type Suspended = ();
    fn suspend(&self) {}
    fn resume(&self, (): ()) {}

    fn close(&self) {
        self.0.forget_parts();
    }

    fn remains(self: Box<Self>) -> Vec<Garbage> {
        tree::remains(self.0)
    }
}

pub struct MimePart {
    tree: Arc<Tree>,
    number: usize,
}

impl Object for MimePart {
    type Opaque = curlback_mime_part;
    const KIND: Kind = Kind::MimePart;

    // Nothing calls back.
    type Suspended = ();
    fn suspend(&self) {}
    fn resume(&self, (): ()) {}

    fn remains(self: Box<Self>) -> Vec<Garbage> {
        tree::remains(self.tree)
    }
}

/// A new mime, without parts: curlback_mime_add(). `easy` must be a live handle; which one does not matter: any can send it, and several.
///
/// NULL on failure, which curlback_last_error() explains. Free it with curlback_mime_close() or curlback_mime_release(), unless
/// curlback_mime_part_subparts() takes it over. Also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_mime_new(easy: *mut curlback_easy) -> *mut curlback_mime {
    enter_or(null_mut(), || {
        drop(claim::<Easy>(easy, Call::Get)?);
        registry::insert::<Mime>(|_, handle| Ok(Box::new(Mime(Tree::new(handle)))))
    })
}

/// Closes the mime, its parts and the mimes that are parts of it: their user data is dropped before the call returns. NULL is
/// CURLBACK_OK.
///
/// CURLBACK_E_IN_USE while it is set on a handle, sent by one, or part of another mime: it then stays open. From any thread, also
/// inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_mime_close(mime: *mut curlback_mime) -> curlback_result {
    enter(|| {
        if !mime.is_null() {
            let mime = claim::<Mime>(mime, Call::Get)?;
            mime.0.may_close()?;
            mime.close();
        }
        Ok(())
    })
}

/// Gives the mime up: for finalizers. Never fails, from any thread, at any time, also inside callbacks and drop functions; NULL and
/// handles that are gone already are ignored. The handles of the mime and of its parts are gone at once for their callers. What
/// they stand for is dropped as soon as no handle has it set or sends it and no other mime has it for a part.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_mime_release(mime: *mut curlback_mime) {
    boundary::value((), || registry::release::<Mime>(mime));
}

/// Appends a part without name and content, which belongs to the mime. Parts are sent in the order they were added in.
///
/// NULL on failure, which curlback_last_error() explains: while the mime is being sent, too. Also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_mime_add(mime: *mut curlback_mime) -> *mut curlback_mime_part {
    enter_or(null_mut(), || {
        let mime = claim::<Mime>(mime, Call::Get)?;
        registry::insert::<MimePart>(|_, handle| {
            let tree = Arc::clone(&mime.0);
            let number = tree.add(handle)?;
            Ok(Box::new(MimePart { tree, number }))
        })
    })
}
