//! hsts_read and hsts_write: the hosts that are to be reached over HTTPS alone, kept where the application wants.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};

use super::{Curl, Kind, curlback_callback, require, run};
use crate::access::Call;
use crate::boundary::{Outcome, enter, fail, given};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::{CURLE_ABORTED_BY_CALLBACK, HstsEntry, HstsIndex};
use crate::libcurl::tables::opt;
use crate::libcurl::version;
use crate::registry::{self, Object, claim, lend};
use crate::result::{code, curlback_result};
use crate::slot::curlback_drop_cb;

/// What the HSTS callbacks return.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_hsts {
    /// Go on with the next entry.
    CURLBACK_HSTS_OK = 0,
    /// There is no further entry, or none is wanted.
    CURLBACK_HSTS_DONE = 1,
    /// It failed.
    CURLBACK_HSTS_FAIL = 2,
}

const OK: c_int = curlback_hsts::CURLBACK_HSTS_OK as c_int;
const DONE: c_int = curlback_hsts::CURLBACK_HSTS_DONE as c_int;
const FAIL: c_int = curlback_hsts::CURLBACK_HSTS_FAIL as c_int;

/// An entry that never expires.
const NEVER: i64 = i64::MAX;
/// The last second of the year 9999, the last that libcurl's text has room for.
const LATEST: i64 = 253_402_300_799;

/// A host that is to be reached over HTTPS alone.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct curlback_hsts_entry {
    /// Its name, ending with NUL. There until the callback returns.
    pub host: *const c_char,
    /// The length of the name, without the NUL.
    pub host_len: usize,
    /// When it expires, in seconds since 1970, UTC; INT64_MAX: never.
    pub expire: i64,
    /// Whether the names below it are meant too.
    pub include_subdomains: bool,
}

/// A place for one entry: curlback_hsts_fill(). Lent to an hsts_read callback, and gone when that returns. Opaque: the value is
/// never dereferenced, and never used again for another handle.
#[allow(non_camel_case_types)]
pub struct curlback_hsts_slot {
    _opaque: [u8; 0],
}

struct Slot {
    entry: *mut HstsEntry,
    filled: Cell<bool>,
}

impl Object for Slot {
    type Opaque = curlback_hsts_slot;
    const KIND: registry::Kind = registry::Kind::HstsSlot;

    // It lives for one callback.
    fn in_callback(&self) -> bool {
        true
    }

    // Nothing calls back.
    type Suspended = ();
    fn suspend(&self) {}
    fn resume(&self, (): ()) {}
}

/// "YYYYMMDD HH:MM:SS" in UTC, with NULs after it; nothing but those for what never expires.
fn to_text(expire: i64) -> [u8; 18] {
    let mut text = [0; 18];
    if expire > LATEST {
        return text;
    }
    // Before 1970 is past all the same, and not all that libcurl could read.
    let seconds = expire.max(0) as libc::time_t;
    // SAFETY: an all-zero tm is one; gmtime_r fills it for a year that fits, as these do.
    let tm = unsafe {
        let mut tm = std::mem::zeroed::<libc::tm>();
        libc::gmtime_r(&raw const seconds, &raw mut tm);
        tm
    };
    let written = format!(
        "{:04}{:02}{:02} {:02}:{:02}:{:02}",
        tm.tm_year + 1900,
        tm.tm_mon + 1,
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec
    );
    text[..written.len()].copy_from_slice(written.as_bytes());
    text
}

/// Seconds since 1970 for what to_text() writes; NEVER for anything else: libcurl has "unlimited", and cuts short what is
/// later than the year 9999.
fn from_text(text: &[u8; 18]) -> i64 {
    let number = |from: usize, to: usize| {
        let digits = std::str::from_utf8(&text[from..to]).ok()?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<c_int>().ok())?
    };
    let read = || {
        let marks = [(8, b' '), (11, b':'), (14, b':'), (17, 0)];
        if marks.iter().any(|(place, mark)| text[*place] != *mark) {
            return None;
        }
        // SAFETY: an all-zero tm is one.
        let mut tm = unsafe { std::mem::zeroed::<libc::tm>() };
        tm.tm_year = number(0, 4)? - 1900;
        tm.tm_mon = number(4, 6)? - 1;
        tm.tm_mday = number(6, 8)?;
        tm.tm_hour = number(9, 11)?;
        tm.tm_min = number(12, 14)?;
        tm.tm_sec = number(15, 17)?;
        // SAFETY: it only looks at the numbers, and changes them.
        Some(unsafe { libc::timegm(&raw mut tm) } as i64)
    };
    read().unwrap_or(NEVER)
}

impl Slot {
    fn fill(&self, host: &[u8], expire: i64, include_subdomains: bool) -> Outcome {
        // SAFETY: libcurl's entry is there until the callback returns, and this slot no longer; nothing else refers to it.
        let entry = unsafe { &mut *self.entry };
        if host.strip_suffix(b".").unwrap_or(host).is_empty() {
            return fail(code::E_RANGE, "the host is empty");
        }
        if host.contains(&0) {
            return fail(code::E_RANGE, "the host has a NUL in it");
        }
        if host.len() > entry.namelen {
            return fail(
                code::E_RANGE,
                format!("the host has {} bytes; libcurl has room for {}", host.len(), entry.namelen),
            );
        }
        // SAFETY: the name has room for namelen bytes and a NUL, as libcurl says.
        unsafe {
            std::ptr::copy_nonoverlapping(host.as_ptr(), entry.name.cast::<u8>(), host.len());
            *entry.name.add(host.len()) = 0;
        }
        entry.expire = to_text(expire);
        entry.set_include_subdomains(include_subdomains);
        self.filled.set(true);
        Ok(())
    }
}

/// libcurl asks for an entry: fill `slot` with curlback_hsts_fill() and return CURLBACK_HSTS_OK, to be asked for the next. Return
/// CURLBACK_HSTS_DONE, with the slot left alone, after the last. CURLBACK_HSTS_FAIL and any other value end the transfer
/// with ABORTED_BY_CALLBACK (42), CURLBACK_HSTS_OK without a filled slot with BAD_FUNCTION_ARGUMENT (43).
#[allow(non_camel_case_types)]
pub type curlback_hsts_read_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        slot: *mut curlback_hsts_slot,
        user_data: *mut c_void,
    ) -> i32,
>;

fn built_in() -> bool {
    version::has(version::features(), "HSTS")
}

pub struct HstsRead;

impl Kind for HstsRead {
    type Function =
        unsafe extern "C-unwind" fn(*mut curlback_easy, *mut curlback_hsts_slot, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_HSTS_READ;
    const OPTIONS: (i32, i32) = (opt::HSTSREADFUNCTION, opt::HSTSREADDATA);
    const ENDS_WITH: &'static [i32] = &[42, 43];

    fn built_in() -> bool {
        built_in()
    }

    fn trampoline() -> *const c_void {
        read_trampoline as *const c_void
    }

    /// While libcurl asks for entry after entry it calls the function it finds, be it NULL: one that is unset in a transfer stays,
    /// and says that there are no more.
    fn wire(easy: &Easy, set: bool) -> Outcome {
        if set || easy.slot().active() {
            easy.set_pointers(Self::OPTIONS, Self::trampoline(), easy.data())
        } else {
            easy.set_pointers(Self::OPTIONS, std::ptr::null(), std::ptr::null())
        }
    }
}

unsafe extern "C" fn read_trampoline(_curl: *mut Curl, entry: *mut HstsEntry, easy: *mut c_void) -> c_int {
    // SAFETY: `easy` is what wire() set as HSTSREADDATA.
    unsafe {
        run::<HstsRead, c_int>(
            easy,
            FAIL,
            |_| DONE,
            move |easy, function, user_data| {
                let _middle = easy.state.in_the_middle();
                let slot = lend(Slot { entry, filled: Cell::new(false) }).map_err(|failure| {
                    easy.explain(CURLE_ABORTED_BY_CALLBACK, failure);
                    FAIL
                })?;
                match function(easy.handle(), slot.handle(), user_data) {
                    OK if slot.filled.get() => Ok(OK),
                    // libcurl finds that the host is empty.
                    OK => Err(OK),
                    DONE => Ok(DONE),
                    _ => Err(FAIL),
                }
            },
        )
    }
}

/// Calls `callback` for the hosts that are known to be reached over HTTPS alone: at the start of each transfer, and when the handle is
/// duplicated, until it returns CURLBACK_HSTS_DONE. libcurl then turns http:// URLs of these hosts into https:// ones. NULL unsets.
///
/// Registering on_hsts_read or on_hsts_write switches libcurl's HSTS cache on, as the option HSTS_CTRL does; unsetting both
/// switches it off and empties it, unless HSTS_CTRL was set by curlback_easy_set_int(); curlback_easy_unset() lets it follow
/// again. Before libcurl 8.20 entries that are read again are there twice: return CURLBACK_HSTS_DONE at once from the second transfer
/// on. CURLBACK_E_UNSUPPORTED where libcurl was built without HSTS.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_hsts_read(
    easy: *mut curlback_easy,
    callback: curlback_hsts_read_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| register::<HstsRead>(&*claim::<Easy>(easy, Call::Set)?, callback, user_data, drop))
}

/// Fills `slot` with a host, `host_len` bytes at `host`, which is copied; `expire` in seconds since 1970, UTC, INT64_MAX for never, which
/// is what a time after the year 9999 becomes. A second call replaces what the first filled in.
///
/// CURLBACK_E_RANGE for a host that is empty, has a NUL in it or is longer than libcurl takes (2,048 bytes; 256 in older
/// versions). A time in the past is fine: libcurl forgets the entry. Only inside the hsts_read callback that was given `slot`:
/// CURLBACK_E_NOT_IN_CALLBACK on other threads meanwhile, CURLBACK_E_HANDLE once it has returned.
///
/// # Safety
/// `host` is NULL, which is CURLBACK_E_NULL, or there are `host_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_hsts_fill(
    slot: *mut curlback_hsts_slot,
    host: *const c_char,
    host_len: usize,
    expire: i64,
    include_subdomains: bool,
) -> curlback_result {
    enter(|| {
        let slot = claim::<Slot>(slot, Call::Raise)?;
        given(host, "host")?;
        // SAFETY: not NULL, and the caller vouches for the length.
        let host = unsafe { std::slice::from_raw_parts(host.cast::<u8>(), host_len) };
        slot.fill(host, expire, include_subdomains)
    })
}

/// Entry number `index`, from 0, of `total` that libcurl's HSTS cache holds. `entry` is there until the callback returns.
///
/// It runs while the handle closes: of the functions of `easy` only curlback_easy_private() and curlback_easy_raise() can be called,
/// and nobody sees what it raises. Return CURLBACK_HSTS_OK for the next entry; anything else ends it.
#[allow(non_camel_case_types)]
pub type curlback_hsts_write_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        entry: *const curlback_hsts_entry,
        index: usize,
        total: usize,
        user_data: *mut c_void,
    ) -> i32,
>;

pub struct HstsWrite;

impl Kind for HstsWrite {
    type Function = unsafe extern "C-unwind" fn(
        *mut curlback_easy,
        *const curlback_hsts_entry,
        usize,
        usize,
        *mut c_void,
    ) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_HSTS_WRITE;
    const OPTIONS: (i32, i32) = (opt::HSTSWRITEFUNCTION, opt::HSTSWRITEDATA);
    // The transfer is long over.
    const ENDS_WITH: &'static [i32] = &[];

    fn built_in() -> bool {
        built_in()
    }

    fn trampoline() -> *const c_void {
        write_trampoline as *const c_void
    }
}

/// The CURL pointer is of a handle that is being freed.
unsafe extern "C" fn write_trampoline(
    _curl: *mut Curl,
    entry: *const HstsEntry,
    index: *const HstsIndex,
    easy: *mut c_void,
) -> c_int {
    // SAFETY: `easy` is what register() set as HSTSWRITEDATA; entry and index are there, as libcurl says.
    unsafe {
        run::<HstsWrite, c_int>(
            easy,
            DONE,
            |_| DONE,
            move |easy, function, user_data| {
                let (entry, index) = (&*entry, &*index);
                let shown = curlback_hsts_entry {
                    host: entry.name,
                    host_len: entry.namelen,
                    expire: from_text(&entry.expire),
                    include_subdomains: entry.include_subdomains(),
                };
                match function(easy.handle(), &raw const shown, index.index, index.total, user_data) {
                    OK => Ok(OK),
                    DONE => Ok(DONE),
                    _ => Err(FAIL),
                }
            },
        )
    }
}

/// Calls `callback` for each host in libcurl's HSTS cache while the handle closes: those that on_hsts_read supplied and those
/// whose answers had the header Strict-Transport-Security. NULL unsets. As for HSTS_CTRL and CURLBACK_E_UNSUPPORTED, see
/// curlback_easy_on_hsts_read().
///
/// Also inside callbacks.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_hsts_write(
    easy: *mut curlback_easy,
    callback: curlback_hsts_write_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| register::<HstsWrite>(&*claim::<Easy>(easy, Call::Set)?, callback, user_data, drop))
}

/// The cache is there while either callback is. What the option HSTS keeps in it is left alone where nothing changes.
fn register<K: Kind>(
    easy: &Easy,
    callback: Option<K::Function>,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> Outcome {
    let before = easy.wants_hsts();
    if callback.is_some() && !before {
        // First of all: libcurl may have no memory for it, and a registration that fails changes nothing.
        require::<K>()?;
        easy.follow(opt::HSTS_CTRL, true)?;
    }
    easy.register::<K>(callback, user_data, drop)?;
    if before && !easy.wants_hsts() { easy.follow(opt::HSTS_CTRL, false) } else { Ok(()) }
}

impl Easy {
    /// Whether a callback needs libcurl's HSTS cache.
    pub fn wants_hsts(&self) -> bool {
        self.has::<HstsRead>() || self.has::<HstsWrite>()
    }
}

#[cfg(test)]
mod tests {
    use super::{LATEST, NEVER, from_text, to_text};

    #[test]
    fn expiry_is_written_and_read_as_libcurl_has_it() {
        for (expire, text) in [
            (0, "19700101 00:00:00"),
            (951_782_399, "20000228 23:59:59"),
            (951_782_400, "20000229 00:00:00"),
            (4_102_444_800, "21000101 00:00:00"),
            (LATEST, "99991231 23:59:59"),
        ] {
            let mut expected = [0; 18];
            expected[..17].copy_from_slice(text.as_bytes());
            assert_eq!(to_text(expire), expected, "{text}");
            assert_eq!(from_text(&expected), expire, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_never_expires() {
        assert_eq!(to_text(NEVER), [0; 18]);
        assert_eq!(to_text(LATEST + 1), [0; 18]);
        assert_eq!(from_text(b"unlimited\0\0\0\0\0\0\0\0\0"), NEVER);
        assert_eq!(from_text(&[0; 18]), NEVER);
        assert_eq!(from_text(b"100000101 00:00:0\0"), NEVER);
    }

    #[test]
    fn before_1970_is_1970() {
        assert_eq!(to_text(-1), to_text(0));
        assert_eq!(to_text(i64::MIN), to_text(0));
    }
}
