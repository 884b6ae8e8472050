//! The parts of a mime: what they are called, and what they have for their content.

use std::ffi::{CStr, CString, OsStr, c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use super::tree::{Content, Part};
use super::{Mime, MimePart, curlback_mime, curlback_mime_part};
use crate::access::Call;
use crate::boundary::{Outcome, enter, fail, given, note_panic, slice_given, text_or_null};
use crate::libcurl::strings::Strings;
use crate::libcurl::sys::CURLE_READ_ERROR;
use crate::registry::{Guard, claim};
use crate::result::{code, curlback_result};
use crate::slot::dispose;

/// libcurl's.
const ENCODERS: [&CStr; 5] = [c"binary", c"8bit", c"7bit", c"base64", c"quoted-printable"];

impl MimePart {
    fn change<T>(&self, change: impl FnOnce(&mut Part) -> T) -> Outcome<T> {
        self.tree.change(self.number, change)
    }

    fn set(&self, field: impl FnOnce(&mut Part) -> &mut Option<Arc<CStr>>, text: Option<&CStr>) -> Outcome {
        let text = text.map(Arc::from);
        self.change(|part| *field(part) = text)
    }
}

impl Guard<MimePart> {
    /// Gives the part another content. `content` is only called if that may be.
    pub(super) fn replace(self, content: impl FnOnce() -> Content) -> Outcome {
        let former = self.change(|part| std::mem::replace(&mut part.content, content()))?;
        self.let_go(former);
        Ok(())
    }

    /// Drops what the part had, which may call anything: the part is nobody's by then.
    fn let_go(self, former: Content) {
        let garbage = former.remains();
        drop(self);
        // The call has done its work, and says so.
        note_panic(|| dispose(garbage));
    }
}

fn claimed(part: *const curlback_mime_part) -> Outcome<Guard<MimePart>> {
    claim::<MimePart>(part, Call::Get)
}

/// Names the part, as a form names its fields. NULL: it has no name. The string is copied.
///
/// CURLBACK_E_BUSY while the mime is being sent. From any thread, also inside callbacks.
///
/// # Safety
/// `name` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_mime_part_name(
    part: *mut curlback_mime_part,
    name: *const c_char,
) -> curlback_result {
    // SAFETY: the caller vouches for it.
    enter(|| claimed(part)?.set(|part| &mut part.name, unsafe { text_or_null(name) }))
}

/// Gives the part the file name that the server is told. NULL: it is told none. curlback_mime_part_file() sets it too. Otherwise as
/// curlback_mime_part_name().
///
/// # Safety
/// `filename` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_mime_part_filename(
    part: *mut curlback_mime_part,
    filename: *const c_char,
) -> curlback_result {
    // SAFETY: the caller vouches for it.
    enter(|| claimed(part)?.set(|part| &mut part.filename, unsafe { text_or_null(filename) }))
}

/// Sets the part's Content-Type. NULL: libcurl finds one by the file name, or sends none. Otherwise as curlback_mime_part_name().
///
/// # Safety
/// `mime_type` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_mime_part_type(
    part: *mut curlback_mime_part,
    mime_type: *const c_char,
) -> curlback_result {
    // SAFETY: the caller vouches for it.
    enter(|| claimed(part)?.set(|part| &mut part.mime_type, unsafe { text_or_null(mime_type) }))
}

/// Sets how the part's content is encoded: "binary", "8bit", "7bit", "base64" or "quoted-printable", in any case. NULL: not at all.
/// CURLBACK_E_RANGE for anything else. With "7bit" a content that has other bytes ends the transfer with READ_ERROR (26).
/// Otherwise as curlback_mime_part_name().
///
/// # Safety
/// `encoding` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_mime_part_encoder(
    part: *mut curlback_mime_part,
    encoding: *const c_char,
) -> curlback_result {
    enter(|| {
        let part = claimed(part)?;
        // SAFETY: the caller vouches for it.
        let encoder = unsafe { text_or_null(encoding) }.map(encoder).transpose()?;
        part.change(|part| part.encoder = encoder)
    })
}

fn encoder(name: &CStr) -> Outcome<&'static CStr> {
    let known = |encoder: &&&CStr| encoder.to_bytes().eq_ignore_ascii_case(name.to_bytes());
    match ENCODERS.iter().find(known) {
        Some(encoder) => Ok(encoder),
        None => fail(
            code::E_RANGE,
            format!(
                "{} is no encoder: it takes binary, 8bit, 7bit, base64 or quoted-printable",
                name.to_string_lossy()
            ),
        ),
    }
}

/// Sets header lines of the part's own, `count` of them at `items`, each "Name: value"; they are copied. A `count` of 0: none. Where
/// one is Content-Disposition or Content-Transfer-Encoding libcurl makes none by itself; curlback_mime_part_type() comes before
/// a Content-Type here. Otherwise as curlback_mime_part_name().
///
/// # Safety
/// There are `count` pointers at `items`, each NULL, which is CURLBACK_E_NULL, or to a string that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_mime_part_headers(
    part: *mut curlback_mime_part,
    items: *const *const c_char,
    count: usize,
) -> curlback_result {
    enter(|| {
        let part = claimed(part)?;
        // SAFETY: the caller vouches for the count and the strings.
        let headers = unsafe { Strings::given(slice_given(items, count, "items")?) }?;
        part.change(|part| part.headers = (count > 0).then(|| Arc::new(headers)))
    })
}

/// Makes `len` bytes at `data`, which are copied, the part's content, in place of what it had. `data` NULL with a `len` of 0 leaves the
/// part without content, with another it is CURLBACK_E_NULL.
///
/// CURLBACK_E_BUSY while the mime is being sent. From any thread, also inside callbacks.
///
/// # Safety
/// There are `len` bytes at `data`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_mime_part_data(
    part: *mut curlback_mime_part,
    data: *const c_void,
    len: usize,
) -> curlback_result {
    enter(|| {
        let part = claimed(part)?;
        if data.is_null() && len == 0 {
            return part.replace(|| Content::None);
        }
        given(data, "data")?;
        // SAFETY: not NULL, and the caller vouches for the length.
        let bytes: Arc<[u8]> = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) }.into();
        part.replace(|| Content::Bytes(bytes))
    })
}

/// Makes the file at `path` the part's content, in place of what it had, and the last component of the path its file name:
/// curlback_mime_part_filename() can change that afterwards. The file is opened when it is sent, and may change until then. NULL
/// leaves the part without content.
///
/// READ_ERROR (26) where there is no such file, it is a directory or it may not be read: curlback_last_error() has the system's
/// reason. A transfer ends with the same where it is gone by then. Otherwise as curlback_mime_part_data().
///
/// # Safety
/// `path` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_mime_part_file(
    part: *mut curlback_mime_part,
    path: *const c_char,
) -> curlback_result {
    enter(|| {
        let part = claimed(part)?;
        // SAFETY: the caller vouches for it.
        let Some(path) = (unsafe { text_or_null(path) }) else { return part.replace(|| Content::None) };
        readable(path)?;
        let (file, name) = (Arc::from(path), base_name(path));
        let former = part.change(|part| {
            part.filename = name;
            std::mem::replace(&mut part.content, Content::File(file))
        })?;
        part.let_go(former);
        Ok(())
    })
}

/// Refuses a path that no file can be read from. It is not opened: that could wait, for the writer of a pipe.
pub(super) fn readable(path: &CStr) -> Outcome {
    let shown = Path::new(OsStr::from_bytes(path.to_bytes()));
    let refuse = |why: &dyn std::fmt::Display| {
        fail(CURLE_READ_ERROR as curlback_result, format!("cannot read {}: {why}", shown.display()))
    };
    match shown.metadata() {
        Err(error) => refuse(&error),
        Ok(found) if found.is_dir() => refuse(&"it is a directory"),
        // SAFETY: it ends with NUL.
        Ok(_) if unsafe { libc::access(path.as_ptr(), libc::R_OK) } != 0 => {
            refuse(&std::io::Error::last_os_error())
        }
        Ok(_) => Ok(()),
    }
}

fn base_name(path: &CStr) -> Option<Arc<CStr>> {
    let name = Path::new(OsStr::from_bytes(path.to_bytes())).file_name()?;
    Some(Arc::from(CString::new(name.as_bytes()).ok()?))
}

/// Makes another mime the part's content, in place of what it had: a multipart in a multipart, multipart/mixed unless
/// curlback_mime_part_type() says otherwise. The mime takes it over: its handle stays good for curlback_mime_add(), but is closed
/// with the mime it is part of, and when the part gets another content. NULL leaves the part without content.
///
/// CURLBACK_E_IN_USE where `subparts` is part of another mime, set on a handle or being sent; CURLBACK_E_RANGE where it would be part of
/// itself, and where mimes would be nested more than 9 deep, which libcurl does not send. It then stays the caller's. Otherwise as
/// curlback_mime_part_data().
#[unsafe(no_mangle)]
pub extern "C" fn curlback_mime_part_subparts(
    part: *mut curlback_mime_part,
    subparts: *mut curlback_mime,
) -> curlback_result {
    enter(|| {
        let part = claimed(part)?;
        if subparts.is_null() {
            return part.replace(|| Content::None);
        }
        let inner = claim::<Mime>(subparts, Call::Get)?;
        let former = part.tree.adopt(part.number, &inner.0)?;
        drop(inner);
        part.let_go(former);
        Ok(())
    })
}
