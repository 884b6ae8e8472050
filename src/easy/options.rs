//! Setting options. libcurl's own table, as src/libcurl/tables.rs has it, says which type each takes.

use std::ffi::{CStr, c_char, c_long, c_void};
use std::ptr::null;
use std::sync::Arc;

use super::held::Memory;
use super::{Easy, curlback_easy, unsupported};
use crate::access::Call;
use crate::boundary::{Failure, Outcome, enter, enter_or, fail, slice_given, text_given};
use crate::libcurl::strings::Strings;
use crate::libcurl::sys;
use crate::libcurl::tables::{self, Kind, Row, opt};
use crate::library;
use crate::registry::claim;
use crate::result::{code, curlback_result};

/// libcurl's own limit for strings and blobs.
const LONGEST: usize = 8_000_000;

/// Who sets an option that is not the caller's to set.
fn owner(option: i32) -> Option<&'static str> {
    Some(match option {
        opt::WRITEFUNCTION | opt::WRITEDATA => "curlback_easy_on_write or curlback_easy_body_to_file",
        opt::HEADERFUNCTION | opt::HEADERDATA => "curlback_easy_on_header or curlback_easy_header_to_file",
        opt::READFUNCTION | opt::READDATA => "curlback_easy_on_read or curlback_easy_read_from_file",
        opt::SEEKFUNCTION | opt::SEEKDATA => "curlback_easy_on_seek",
        opt::DEBUGFUNCTION | opt::DEBUGDATA => "curlback_easy_on_debug",
        opt::PROGRESSFUNCTION => "curlback_easy_on_progress",
        opt::XFERINFOFUNCTION | opt::XFERINFODATA => "curlback_easy_on_xferinfo",
        opt::OPENSOCKETFUNCTION | opt::OPENSOCKETDATA => "curlback_easy_on_open_socket",
        opt::CLOSESOCKETFUNCTION | opt::CLOSESOCKETDATA => "curlback_easy_on_close_socket",
        opt::SOCKOPTFUNCTION | opt::SOCKOPTDATA => "curlback_easy_on_sockopt",
        opt::SSH_KEYFUNCTION | opt::SSH_KEYDATA => "curlback_easy_on_ssh_key",
        opt::SSH_HOSTKEYFUNCTION | opt::SSH_HOSTKEYDATA => "curlback_easy_on_ssh_host_key",
        opt::FNMATCH_FUNCTION | opt::FNMATCH_DATA => "curlback_easy_on_fnmatch",
        opt::CHUNK_BGN_FUNCTION | opt::CHUNK_DATA => "curlback_easy_on_chunk_begin",
        opt::CHUNK_END_FUNCTION => "curlback_easy_on_chunk_end",
        opt::IOCTLFUNCTION | opt::IOCTLDATA => "curlback_easy_on_ioctl",
        opt::PREREQFUNCTION | opt::PREREQDATA => "curlback_easy_on_prereq",
        opt::TRAILERFUNCTION | opt::TRAILERDATA => "curlback_easy_on_trailer",
        opt::RESOLVER_START_FUNCTION | opt::RESOLVER_START_DATA => "curlback_easy_on_resolver_start",
        opt::INTERLEAVEFUNCTION | opt::INTERLEAVEDATA => "curlback_easy_on_interleave",
        opt::SSL_CTX_FUNCTION | opt::SSL_CTX_DATA => "curlback_easy_on_ssl_ctx",
        opt::HSTSREADFUNCTION | opt::HSTSREADDATA => "curlback_easy_on_hsts_read",
        opt::HSTSWRITEFUNCTION | opt::HSTSWRITEDATA => "curlback_easy_on_hsts_write",
        opt::MIMEPOST | opt::HTTPPOST => "curlback_easy_set_mime",
        opt::SHARE => "curlback_easy_set_share",
        opt::ERRORBUFFER => "curlback_easy_error",
        opt::PRIVATE => "curlback_easy_set_private",
        opt::COPYPOSTFIELDS => "curlback_easy_set_bytes with CURLBACK_OPT_POSTFIELDS, which copies too,",
        _ => return None,
    })
}

/// An option that is to be set.
enum Target {
    Known(&'static Row),
    /// It came after this library was built: libcurl itself knows what it is.
    #[cfg_attr(libcurl_bundled, expect(dead_code, reason = "the table is the bundled libcurl's own"))]
    Late(&'static CStr, Kind),
}

impl Target {
    fn kind(&self) -> Kind {
        match self {
            Target::Known(row) => row.kind,
            Target::Late(_, kind) => *kind,
        }
    }

    fn name(&self) -> &'static str {
        let name = match self {
            Target::Known(row) => row.name,
            Target::Late(name, _) => name,
        };
        name.to_str().unwrap_or("?")
    }

    fn since(&self) -> &'static str {
        match self {
            Target::Known(row) => row.since,
            Target::Late(..) => "a newer version",
        }
    }
}

#[cold]
fn unknown(option: i32) -> Failure {
    Failure::new(code::E_OPTION, format!("libcurl has no option with the number {option}"))
}

#[cfg(not(libcurl_bundled))]
fn late(option: i32) -> Outcome<Target> {
    const KINDS: [Kind; 9] = [
        Kind::Long,
        Kind::Values,
        Kind::Offt,
        Kind::Object,
        Kind::String,
        Kind::Slist,
        Kind::Cbptr,
        Kind::Blob,
        Kind::Function,
    ];
    let id = sys::CURLoption::try_from(option).map_err(|_| unknown(option))?;
    // SAFETY: libcurl answers with NULL or a static entry of its table.
    let (name, kind) = unsafe {
        let entry = sys::curl_easy_option_by_id(id).as_ref().ok_or_else(|| unknown(option))?;
        (CStr::from_ptr(entry.name), entry.kind)
    };
    let kind = usize::try_from(kind).ok().and_then(|kind| KINDS.get(kind));
    kind.map_or_else(|| Err(unknown(option)), |kind| Ok(Target::Late(name, *kind)))
}

/// The bundled libcurl is the one that the table is of, and comes without a table of its own.
#[cfg(libcurl_bundled)]
fn late(option: i32) -> Outcome<Target> {
    Err(unknown(option))
}

/// The option, if the caller may set it.
#[inline]
fn target(option: i32) -> Outcome<Target> {
    let target = match tables::option(option) {
        Some(row) => Target::Known(row),
        None => late(option)?,
    };
    match target.kind() {
        Kind::Function | Kind::Cbptr | Kind::Object => owned(option, target),
        _ => Ok(target),
    }
}

#[cold]
fn owned(option: i32, target: Target) -> Outcome<Target> {
    if option == opt::POSTFIELDS {
        return Ok(target);
    }
    let name = target.name();
    fail(
        code::E_OPTION,
        match owner(option) {
            Some(function) => format!("{name} is not set directly: use {function}"),
            None => format!("{name} has no function in curlback {}", library::VERSION),
        },
    )
}

#[cold]
fn wrong_type(target: &Target) -> Failure {
    let (what, function) = match target.kind() {
        Kind::Long | Kind::Values | Kind::Offt => ("an integer", "curlback_easy_set_int"),
        Kind::String => ("a string", "curlback_easy_set_str"),
        Kind::Slist => ("a list of strings", "curlback_easy_set_list"),
        _ => ("bytes", "curlback_easy_set_bytes"),
    };
    Failure::new(code::E_TYPE, format!("{} takes {what}: use {function}", target.name()))
}

/// Older libcurls have let go of what was set before by the time they refuse something longer.
fn refuse_length(target: &Target, length: usize) -> Outcome {
    if length > LONGEST {
        return fail(code::E_RANGE, format!("libcurl takes at most {LONGEST} bytes for {}", target.name()));
    }
    Ok(())
}

/// A C long has 32 bits on some systems.
fn long(value: i64) -> Option<c_long> {
    let long = value as c_long;
    (long as i64 == value).then_some(long)
}

impl Easy {
    pub(crate) fn setopt_pointer(&self, option: i32, pointer: *const c_void) -> Outcome {
        // SAFETY: the handle is there and this thread owns it; callers pass options that take a pointer, to what stays for as
        // long as libcurl uses it or is copied by it.
        self.setopt(option, || unsafe {
            sys::curl_easy_setopt(self.curl, option as sys::CURLoption, pointer)
        })
    }

    pub fn setopt_long(&self, option: i32, value: c_long) -> Outcome {
        // Older libcurls would free what others use too; newer ones leave it alone by themselves.
        if option == opt::HSTS_CTRL && value & 1 == 0 && self.shares_hsts() {
            return Ok(());
        }
        // SAFETY: as for setopt_pointer, with options that take a long.
        self.setopt(option, || unsafe { sys::curl_easy_setopt(self.curl, option as sys::CURLoption, value) })
    }

    fn setopt_offset(&self, option: i32, value: i64) -> Outcome {
        // SAFETY: as for setopt_pointer, with options that take a curl_off_t.
        self.setopt(option, || unsafe { sys::curl_easy_setopt(self.curl, option as sys::CURLoption, value) })
    }

    #[inline]
    fn setopt(&self, option: i32, set: impl Fn() -> sys::CURLcode) -> Outcome {
        match self.within(&set) {
            sys::CURLE_OK => Ok(()),
            done => Err(self.setopt_failed(option, done, &set)),
        }
    }

    #[cold]
    fn setopt_failed(&self, option: i32, done: sys::CURLcode, again: &dyn Fn() -> sys::CURLcode) -> Failure {
        if self.sentence_start().is_null() && self.have_sentences().is_ok() {
            // It is refused once more, now that libcurl has a place to say why.
            again();
        }
        let target = match tables::option(option).map_or_else(|| late(option), |row| Ok(Target::Known(row))) {
            Ok(target) => target,
            Err(failure) => return failure,
        };
        let name = target.name();
        match done {
            sys::CURLE_UNKNOWN_OPTION | sys::CURLE_NOT_BUILT_IN => unsupported(name, target.since()),
            sys::CURLE_BAD_FUNCTION_ARGUMENT => {
                Failure::new(code::E_RANGE, format!("libcurl refuses this value for {name}"))
            }
            sys::CURLE_OUT_OF_MEMORY => Failure::new(code::E_NO_MEMORY, format!("no memory to set {name}")),
            _ => {
                let own = self.sentence().to_string_lossy().into_owned();
                let text = if own.is_empty() {
                    Failure::libcurl(done as curlback_result).text.into_owned()
                } else {
                    own
                };
                Failure::new(done as curlback_result, format!("{name}: {text}"))
            }
        }
    }

    fn set_int(&self, option: i32, value: i64) -> Outcome {
        let target = target(option)?;
        self.refuse_while_used(option, target.kind())?;
        self.clear_sentence();
        match target.kind() {
            Kind::Long | Kind::Values => {
                let long = long(value).ok_or_else(|| {
                    Failure::new(code::E_RANGE, format!("{} takes a C long; {value} is none", target.name()))
                })?;
                self.refuse_post_length(option, value)?;
                self.setopt_long(option, long)?;
            }
            Kind::Offt => {
                self.refuse_post_length(option, value)?;
                self.setopt_offset(option, value)?;
            }
            _ => return Err(wrong_type(&target)),
        }
        match option {
            opt::MAXCONNECTS | opt::QUICK_EXIT => self.multi.number_set(option, value),
            opt::CONNECT_ONLY => self.connect_only.set(value != 0),
            opt::WS_OPTIONS => self.ws.options.set(value),
            _ => self.pin(option),
        }
        self.mime.number_set(option, value);
        Ok(())
    }

    /// libcurl reads as many bytes of POSTFIELDS as it is told there are.
    fn refuse_post_length(&self, option: i32, value: i64) -> Outcome {
        match (option, self.held.post_length()) {
            (opt::POSTFIELDSIZE | opt::POSTFIELDSIZE_LARGE, Some(length)) if value > length => {
                fail(code::E_RANGE, format!("POSTFIELDS has {length} bytes, not {value}"))
            }
            _ => Ok(()),
        }
    }

    fn set_str(&self, option: i32, value: Option<&CStr>) -> Outcome {
        let target = target(option)?;
        if target.kind() != Kind::String {
            return Err(wrong_type(&target));
        }
        refuse_length(&target, value.map_or(0, CStr::count_bytes))?;
        self.refuse_while_used(option, Kind::String)?;
        self.clear_sentence();
        self.setopt_pointer(option, value.map_or(null(), |value| value.as_ptr().cast()))
    }

    fn set_list(&self, option: i32, items: &[*const c_char]) -> Outcome {
        let target = target(option)?;
        if target.kind() != Kind::Slist {
            return Err(wrong_type(&target));
        }
        if items.is_empty() {
            return self.forget(option);
        }
        // SAFETY: strings, as the caller vouches.
        let list = unsafe { Strings::given(items) }?;
        self.clear_sentence();
        self.setopt_pointer(option, list.as_ptr().cast())?;
        self.hold(option, Some(Memory::List(Arc::new(list))));
        Ok(())
    }

    fn hold(&self, option: i32, memory: Option<Memory>) {
        self.held.put(option, memory, self.slot().active());
    }

    fn set_bytes(&self, option: i32, bytes: &[u8]) -> Outcome {
        let target = target(option)?;
        self.refuse_while_used(option, target.kind())?;
        self.clear_sentence();
        match target.kind() {
            Kind::Blob => {
                refuse_length(&target, bytes.len())?;
                let blob = sys::curl_blob {
                    data: bytes.as_ptr().cast_mut().cast(),
                    len: bytes.len(),
                    flags: sys::CURL_BLOB_COPY,
                };
                self.setopt_pointer(option, std::ptr::from_ref(&blob).cast())
            }
            Kind::Object => {
                // With a NUL after them, for a POSTFIELDSIZE of -1.
                let kept: Arc<[u8]> = bytes.iter().copied().chain([0]).collect();
                let length = bytes.len() as i64;
                self.setopt_offset(opt::POSTFIELDSIZE_LARGE, length)?;
                self.setopt_pointer(option, kept.as_ptr().cast())?;
                self.hold(option, Some(Memory::Bytes(kept)));
                self.held.set_post_length(Some(length));
                self.mime.fields_set();
                Ok(())
            }
            _ => Err(wrong_type(&target)),
        }
    }

    /// Sets an option that takes a pointer to NULL, and lets what it pointed to go.
    fn forget(&self, option: i32) -> Outcome {
        self.clear_sentence();
        self.setopt_pointer(option, null())?;
        self.hold(option, None);
        Ok(())
    }

    fn unset(&self, option: i32) -> Outcome {
        let target = target(option)?;
        self.refuse_while_used(option, target.kind())?;
        if self.unpin(option) {
            return self.follow_callbacks(option);
        }
        match target.kind() {
            Kind::String | Kind::Slist | Kind::Blob => self.forget(option),
            Kind::Object => {
                self.forget(option)?;
                self.setopt_offset(opt::POSTFIELDSIZE_LARGE, -1)?;
                self.held.set_post_length(None);
                self.mime.fields_set();
                Ok(())
            }
            _ => fail(
                code::E_TYPE,
                format!("{} is an integer: it cannot be unset, only set to another", target.name()),
            ),
        }
    }
}

/// The number of an option by its name: "URL", "CURLOPT_URL", in any case; its older names too. 0 where neither this library nor the
/// linked libcurl knows it.
///
/// From any thread, also inside callbacks. NULL is 0.
///
/// # Safety
/// `name` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_option_id(name: *const c_char) -> i32 {
    enter_or(0, || {
        // SAFETY: the caller vouches for it.
        let name = unsafe { text_given(name, "name") }?;
        let known = tables::by_name(&tables::OPTIONS, b"CURLOPT_", name).map(|row| row.number);
        Ok(known.unwrap_or_else(|| late_id(name)))
    })
}

#[cfg(not(libcurl_bundled))]
fn late_id(name: &CStr) -> i32 {
    // SAFETY: libcurl answers a string with NULL or a static entry of its table.
    unsafe { sys::curl_easy_option_by_name(name.as_ptr()).as_ref() }.map_or(0, |entry| entry.id as i32)
}

#[cfg(libcurl_bundled)]
fn late_id(_name: &CStr) -> i32 {
    0
}

/// The name of an option by its number, "URL"; NULL where neither this library nor the linked libcurl knows it. Static.
///
/// From any thread, also inside callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_option_name(option: i32) -> *const c_char {
    enter_or(null(), || {
        Ok(match tables::option(option).map_or_else(|| late(option), |row| Ok(Target::Known(row)))? {
            Target::Known(row) => row.name.as_ptr(),
            Target::Late(name, _) => name.as_ptr(),
        })
    })
}

/// Sets an option that takes a number: CURLBACK_OPT_*, of the types long, values and off_t.
///
/// CURLBACK_E_OPTION where there is no such option or its own function sets it, CURLBACK_E_TYPE where it takes something else,
/// CURLBACK_E_RANGE where libcurl refuses the value, CURLBACK_E_UNSUPPORTED where the linked libcurl lacks it; or libcurl's
/// CURLcode. Also inside callbacks: libcurl then uses it where it looks at it again. But where libcurl may be using what it would
/// free the answer is CURLBACK_E_IN_CALLBACK: strings, blobs, ALTSVC_CTRL and HSTS_CTRL inside on_debug and on_hsts_read, which are called in
/// the middle of anything, and CUSTOMREQUEST inside on_read, on_seek, on_ioctl and the callbacks of a mime part.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_set_int(
    easy: *mut curlback_easy,
    option: i32,
    value: i64,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.set_int(option, value))
}

/// Sets an option that takes a string, which is copied; NULL unsets it. Otherwise as curlback_easy_set_int().
///
/// # Safety
/// `value` is NULL or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_set_str(
    easy: *mut curlback_easy,
    option: i32,
    value: *const c_char,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        // SAFETY: not NULL there, and the caller vouches for the NUL.
        let value = (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) });
        easy.set_str(option, value)
    })
}

/// Sets an option that takes a list of strings, `count` of them at `items`; they are copied. A `count` of 0 unsets it. Otherwise as
/// curlback_easy_set_int(). What it replaces during a transfer stays in memory until that has ended.
///
/// # Safety
/// There are `count` pointers at `items`, each NULL, which is CURLBACK_E_NULL, or to a string that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_set_list(
    easy: *mut curlback_easy,
    option: i32,
    items: *const *const c_char,
    count: usize,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        // SAFETY: the caller vouches for the count.
        easy.set_list(option, unsafe { slice_given(items, count, "items") }?)
    })
}

/// Sets an option of the type blob, or CURLBACK_OPT_POSTFIELDS, to `len` bytes at `data`, which are copied. POSTFIELDS sets
/// POSTFIELDSIZE_LARGE too, and makes the request a POST. NULL is CURLBACK_E_NULL unless `len` is 0; curlback_easy_unset() unsets.
/// Otherwise as curlback_easy_set_int(). What it replaces during a transfer stays in memory until that has ended.
///
/// # Safety
/// There are `len` bytes at `data`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_set_bytes(
    easy: *mut curlback_easy,
    option: i32,
    data: *const c_void,
    len: usize,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        // SAFETY: the caller vouches for the length.
        easy.set_bytes(option, unsafe { slice_given(data.cast::<u8>(), len, "data") }?)
    })
}

/// Unsets an option that takes a string, a list or bytes; VERBOSE, NOPROGRESS and HSTS_CTRL follow the registered callbacks again.
/// CURLBACK_E_TYPE for any other number, which can only be set to another. Otherwise as curlback_easy_set_int(). After
/// POSTFIELDS the request stays a POST until HTTPGET, UPLOAD or the like is set.
#[unsafe(no_mangle)]
pub extern "C" fn curlback_easy_unset(easy: *mut curlback_easy, option: i32) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.unset(option))
}
