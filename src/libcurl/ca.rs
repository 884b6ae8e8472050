//! Where the system keeps its certificate authorities, for a libcurl that was built without knowing it, or that
//! was built on a system which keeps them elsewhere.

use std::ffi::{CStr, CString, OsStr, c_char};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use once_cell::sync::OnceCell;

use super::version;

/// What to set as CAINFO and CAPATH on every new handle.
#[derive(Default)]
pub struct Authorities {
    pub file: Option<CString>,
    pub directory: Option<CString>,
}

/// Found once a process. Both are `None` where the linked libcurl has a default that is there.
pub fn found() -> &'static Authorities {
    static FOUND: OnceCell<Authorities> = OnceCell::new();
    FOUND.get_or_init(|| {
        let info = version::info();
        if info.ssl_version.is_null() || exists(info.cainfo) || exists(info.capath) {
            return Authorities::default();
        }
        let found = openssl_probe::probe();
        let text =
            |path: Option<PathBuf>| path.and_then(|path| CString::new(path.into_os_string().into_vec()).ok());
        Authorities { file: text(found.cert_file), directory: text(found.cert_dir.into_iter().next()) }
    })
}

fn exists(path: *const c_char) -> bool {
    // SAFETY: libcurl's version information holds NULL or static strings.
    let path = (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) });
    path.is_some_and(|path| Path::new(OsStr::from_bytes(path.to_bytes())).exists())
}
