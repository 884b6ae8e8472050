//! fnmatch, chunk_begin and chunk_end: FTP downloads by wildcard. libcurl has one data pointer for the last two.

use std::ffi::{c_char, c_int, c_long, c_uint, c_void};
use std::ptr::null;

use super::{Kind, curlback_callback, run};
use crate::access::Call;
use crate::boundary::{Outcome, enter};
use crate::easy::groups::Which;
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::{self, curl_fileinfo};
use crate::libcurl::tables::opt;
use crate::libcurl::version;
use crate::registry::claim;
use crate::result::curlback_result;
use crate::slot::curlback_drop_cb;

/// What an fnmatch callback returns.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_fnmatch {
    /// The string matches the pattern.
    CURLBACK_FNMATCH_MATCH = 0,
    /// It does not.
    CURLBACK_FNMATCH_NOMATCH = 1,
    /// The transfer ends with ABORTED_BY_CALLBACK (42).
    CURLBACK_FNMATCH_FAIL = 2,
}

/// What chunk_begin and chunk_end callbacks return.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_chunk {
    /// Go on.
    CURLBACK_CHUNK_OK = 0,
    /// The transfer ends with CHUNK_FAILED (88).
    CURLBACK_CHUNK_FAIL = 1,
    /// This file is not downloaded. chunk_begin alone.
    CURLBACK_CHUNK_SKIP = 2,
}

/// What sort of file it is.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_file {
    /// A regular file.
    CURLBACK_FILE_REGULAR = 0,
    /// A directory.
    CURLBACK_FILE_DIRECTORY = 1,
    /// A symbolic link.
    CURLBACK_FILE_SYMLINK = 2,
    /// A block device.
    CURLBACK_FILE_BLOCK_DEVICE = 3,
    /// A character device.
    CURLBACK_FILE_CHAR_DEVICE = 4,
    /// A named pipe.
    CURLBACK_FILE_PIPE = 5,
    /// A socket.
    CURLBACK_FILE_SOCKET = 6,
    /// A door of Solaris.
    CURLBACK_FILE_DOOR = 7,
    /// None of the others.
    CURLBACK_FILE_UNKNOWN = 8,
}

/// What the server's listing says of a file. A number that is not known is -1, a text that is not known NULL; the texts are as
/// the server wrote them. All of it is there until the callback returns.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct curlback_file_info {
    /// Its name, without the directory.
    pub name: *const c_char,
    /// CURLBACK_FILE_*.
    pub r#type: i32,
    /// Its size in bytes.
    pub size: i64,
    /// Its mode: the nine bits of rwxrwxrwx, and those of setuid, setgid and sticky.
    pub permissions: i64,
    /// The number of its user, which no libcurl so far reads.
    pub uid: i64,
    /// The number of its group, which no libcurl so far reads.
    pub gid: i64,
    /// How many hard links it has.
    pub hard_links: i64,
    /// When it was changed.
    pub time_text: *const c_char,
    /// Its permissions: "rw-r--r--", say.
    pub permissions_text: *const c_char,
    /// Its user.
    pub user: *const c_char,
    /// Its group.
    pub group: *const c_char,
    /// What a symbolic link points to.
    pub link_target: *const c_char,
}

/// Say whether the file `string` matches `pattern`, what stands behind the last slash of the URL.
///
/// Return CURLBACK_FNMATCH_*; any other value counts as CURLBACK_FNMATCH_FAIL.
#[allow(non_camel_case_types)]
pub type curlback_fnmatch_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        pattern: *const c_char,
        string: *const c_char,
        user_data: *mut c_void,
    ) -> i32,
>;

/// A file that matched is about to be downloaded; `remaining` of them are left, this one included. What is no regular file is
/// passed over after the call, whatever it returns.
///
/// Return CURLBACK_CHUNK_*; any other value counts as CURLBACK_CHUNK_FAIL.
#[allow(non_camel_case_types)]
pub type curlback_chunk_begin_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        file: *const curlback_file_info,
        remaining: i32,
        user_data: *mut c_void,
    ) -> i32,
>;

/// The file that chunk_begin was called for was downloaded or passed over.
///
/// Return CURLBACK_CHUNK_OK; any other value counts as CURLBACK_CHUNK_FAIL.
#[allow(non_camel_case_types)]
pub type curlback_chunk_end_cb =
    Option<unsafe extern "C-unwind" fn(easy: *mut curlback_easy, user_data: *mut c_void) -> i32>;

fn ftp_built_in() -> bool {
    version::has(version::protocols(), "ftp")
}

pub struct Fnmatch;

impl Kind for Fnmatch {
    type Function =
        unsafe extern "C-unwind" fn(*mut curlback_easy, *const c_char, *const c_char, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_FNMATCH;
    const OPTIONS: (i32, i32) = (opt::FNMATCH_FUNCTION, opt::FNMATCH_DATA);
    const ENDS_WITH: &'static [i32] = &[42];

    fn built_in() -> bool {
        ftp_built_in()
    }

    fn trampoline() -> *const c_void {
        fnmatch_trampoline as *const c_void
    }
}

pub struct ChunkBegin;

impl Kind for ChunkBegin {
    type Function =
        unsafe extern "C-unwind" fn(*mut curlback_easy, *const curlback_file_info, i32, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_CHUNK_BEGIN;
    const OPTIONS: (i32, i32) = (opt::CHUNK_BGN_FUNCTION, opt::CHUNK_DATA);
    const ENDS_WITH: &'static [i32] = &[88];

    fn built_in() -> bool {
        ftp_built_in()
    }

    fn trampoline() -> *const c_void {
        begin_trampoline as *const c_void
    }

    fn wire(easy: &Easy, set: bool) -> Outcome {
        wire(easy, set, easy.has::<ChunkEnd>())
    }
}

pub struct ChunkEnd;

impl Kind for ChunkEnd {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_CHUNK_END;
    const OPTIONS: (i32, i32) = (opt::CHUNK_END_FUNCTION, opt::CHUNK_DATA);
    const ENDS_WITH: &'static [i32] = &[88];

    fn built_in() -> bool {
        ftp_built_in()
    }

    fn trampoline() -> *const c_void {
        end_trampoline as *const c_void
    }

    fn wire(easy: &Easy, set: bool) -> Outcome {
        wire(easy, easy.has::<ChunkBegin>(), set)
    }
}

/// Gives libcurl the functions that are to be called, and the data pointer while there is any.
fn wire(easy: &Easy, begin: bool, end: bool) -> Outcome {
    let pointer = |set: bool, value: *const c_void| if set { value } else { null() };
    easy.setopt_pointer(opt::CHUNK_DATA, pointer(begin || end, easy.data()))?;
    easy.setopt_pointer(opt::CHUNK_BGN_FUNCTION, pointer(begin, ChunkBegin::trampoline()))?;
    easy.setopt_pointer(opt::CHUNK_END_FUNCTION, pointer(end, ChunkEnd::trampoline()))
}

/// Before each transfer: libcurl 7.88 forgets CHUNK_DATA when one by wildcard has ended, and any libcurl keeps a write function of
/// its own, with data that is gone, where one failed before all of the listing was there.
pub fn prepare(easy: &Easy, failed_before: bool) -> Outcome {
    if failed_before {
        easy.wire_group(Which::Body)?;
    }
    if easy.has::<ChunkBegin>() || easy.has::<ChunkEnd>() {
        easy.setopt_pointer(opt::CHUNK_DATA, easy.data())?;
    }
    Ok(())
}

unsafe extern "C" fn fnmatch_trampoline(
    easy: *mut c_void,
    pattern: *const c_char,
    string: *const c_char,
) -> c_int {
    // SAFETY: `easy` is what register() set as FNMATCH_DATA.
    unsafe {
        run::<Fnmatch, c_int>(
            easy,
            sys::CURL_FNMATCHFUNC_FAIL,
            |_| sys::CURL_FNMATCHFUNC_NOMATCH,
            move |easy, function, user_data| match function(easy.handle(), pattern, string, user_data) {
                answer @ (sys::CURL_FNMATCHFUNC_MATCH | sys::CURL_FNMATCHFUNC_NOMATCH) => Ok(answer),
                _ => {
                    // libcurl alone takes it for "no match".
                    easy.end_with(sys::CURLE_ABORTED_BY_CALLBACK as curlback_result);
                    Err(sys::CURL_FNMATCHFUNC_FAIL)
                }
            },
        )
    }
}

unsafe extern "C" fn begin_trampoline(file: *const c_void, easy: *mut c_void, remaining: c_int) -> c_long {
    // SAFETY: `easy` is what wire() set as CHUNK_DATA; `file` is libcurl's, for as long as this call takes.
    unsafe {
        run::<ChunkBegin, c_long>(
            easy,
            sys::CURL_CHUNK_BGN_FUNC_FAIL,
            |_| sys::CURL_CHUNK_BGN_FUNC_OK,
            move |easy, function, user_data| {
                const OK: i32 = curlback_chunk::CURLBACK_CHUNK_OK as i32;
                const SKIP: i32 = curlback_chunk::CURLBACK_CHUNK_SKIP as i32;
                let file = facts(&*file.cast::<curl_fileinfo>());
                match function(easy.handle(), &file, remaining, user_data) {
                    OK => Ok(sys::CURL_CHUNK_BGN_FUNC_OK),
                    SKIP => Ok(sys::CURL_CHUNK_BGN_FUNC_SKIP),
                    _ => Err(sys::CURL_CHUNK_BGN_FUNC_FAIL),
                }
            },
        )
    }
}

unsafe extern "C" fn end_trampoline(easy: *mut c_void) -> c_long {
    // SAFETY: `easy` is what wire() set as CHUNK_DATA.
    unsafe {
        run::<ChunkEnd, c_long>(
            easy,
            sys::CURL_CHUNK_END_FUNC_FAIL,
            |_| sys::CURL_CHUNK_END_FUNC_OK,
            move |easy, function, user_data| {
                if function(easy.handle(), user_data) == curlback_chunk::CURLBACK_CHUNK_OK as i32 {
                    return Ok(sys::CURL_CHUNK_END_FUNC_OK);
                }
                // libcurl does not look at what it returns.
                easy.end_with(sys::CURLE_CHUNK_FAILED as curlback_result);
                Err(sys::CURL_CHUNK_END_FUNC_FAIL)
            },
        )
    }
}

/// A number of a file's, where the listing has it.
fn known(file: &curl_fileinfo, flag: c_uint, number: impl Into<i64>) -> i64 {
    if file.flags & flag != 0 { number.into() } else { -1 }
}

/// The name, the type and the texts have no flags that libcurl sets: texts that it does not know are NULL.
fn facts(file: &curl_fileinfo) -> curlback_file_info {
    let unknown = curlback_file::CURLBACK_FILE_UNKNOWN as i32;
    curlback_file_info {
        name: file.filename,
        r#type: i32::try_from(file.filetype).unwrap_or(unknown).min(unknown),
        size: known(file, sys::CURLFINFOFLAG_KNOWN_SIZE, file.size),
        permissions: known(file, sys::CURLFINFOFLAG_KNOWN_PERM, file.perm),
        uid: known(file, sys::CURLFINFOFLAG_KNOWN_UID, file.uid),
        gid: known(file, sys::CURLFINFOFLAG_KNOWN_GID, file.gid),
        hard_links: known(file, sys::CURLFINFOFLAG_KNOWN_HLINKCOUNT, file.hardlinks),
        time_text: file.strings_time,
        permissions_text: file.strings_perm,
        user: file.strings_user,
        group: file.strings_group,
        // libcurl 7.88 says of other files what it said of the last link.
        link_target: if file.filetype == sys::CURLFILETYPE_SYMLINK { file.strings_target } else { null() },
    }
}

/// Calls `callback` to say which files of a directory the pattern of an ftp:// URL takes, in place of libcurl's own matching. It
/// needs the option WILDCARDMATCH. NULL unsets.
///
/// CURLBACK_E_UNSUPPORTED where libcurl was built without FTP. Also inside callbacks.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_fnmatch(
    easy: *mut curlback_easy,
    callback: curlback_fnmatch_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<Fnmatch>(callback, user_data, drop))
}

/// Calls `callback` before each file that an FTP download by wildcard takes. It needs the option WILDCARDMATCH. NULL unsets.
///
/// CURLBACK_E_UNSUPPORTED where libcurl was built without FTP. Also inside callbacks.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_chunk_begin(
    easy: *mut curlback_easy,
    callback: curlback_chunk_begin_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<ChunkBegin>(callback, user_data, drop))
}

/// Calls `callback` after each file that an FTP download by wildcard takes. Otherwise as curlback_easy_on_chunk_begin().
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_chunk_end(
    easy: *mut curlback_easy,
    callback: curlback_chunk_end_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<ChunkEnd>(callback, user_data, drop))
}
