//! Every kind of callback an easy handle has, each with a transfer that calls it, and a callback that asks the test what to do.

use std::ffi::{c_char, c_void};

use curlback::callback::body::*;
use curlback::callback::curlback_callback::*;
use curlback::callback::debug::curlback_easy_on_debug;
use curlback::callback::ftp::*;
use curlback::callback::hsts::*;
use curlback::callback::progress::*;
use curlback::callback::request::*;
use curlback::callback::socket::*;
use curlback::callback::source::*;
use curlback::callback::ssh::*;
use curlback::callback::tls::*;
use curlback::callback::{KINDS, curlback_callback};
use curlback::easy::sink::curlback_easy_body_to_memory;
use curlback::easy::source::curlback_easy_read_from_memory;
use curlback::libcurl::tables::opt;
use curlback::libcurl::version;
use curlback::slot::curlback_drop_cb;
use curlback_test_servers::{HostKey, HttpServer, Nginx, RawServer, Sshd, rtsp};

use crate::support::{Easy, LIMIT, Raw, close_socket, ok, register, skipped};
use crate::wildcard;

/// Whether the callback is to fail.
type Ask = Box<dyn Fn(Raw) -> bool>;

unsafe fn fails(easy: Raw, ask: *mut c_void) -> bool {
    // SAFETY: the user data is the Ask that Kind::register() boxes.
    unsafe { (*ask.cast::<Ask>())(easy) }
}

/// A callback of the type that its arguments make, with what it returns when all is well and when not.
macro_rules! callbacks {
    ($($name:ident($($argument:ty),*) -> $result:ty: $well:expr, $failing:expr;)*) => {$(
        unsafe extern "C-unwind" fn $name(easy: Raw, $(_: $argument,)* ask: *mut c_void) -> $result {
            // SAFETY: it is called with what it was registered with.
            if unsafe { fails(easy, ask) } { $failing } else { $well }
        }
    )*};
}

callbacks! {
    chunk(*const u8, usize) -> i64: curlback_data::CURLBACK_ALL as i64, curlback_data::CURLBACK_ABORT as i64;
    seek(i64, i32) -> i32: 0, 1;
    number(i32) -> i32: 0, 1;
    debug(i32, *const u8, usize) -> (): (), ();
    progress(f64, f64, f64, f64) -> i32: 0, 1;
    xferinfo(i64, i64, i64, i64) -> i32: 0, 1;
    open_socket(i32, *const curlback_address) -> isize: -2, -1;
    sockopt(isize, i32) -> i32: 0, 1;
    ssh_key(*const curlback_ssh_key, *const curlback_ssh_key, i32) -> i32:
        curlback_ssh_verdict::CURLBACK_SSH_ACCEPT as i32, 0;
    ssh_host_key(*const curlback_ssh_key) -> i32: curlback_ssh_verdict::CURLBACK_SSH_ACCEPT as i32, 0;
    prereq(*const c_char, *const c_char, i32, i32) -> i32: 0, 1;
    trailer(*mut curlback_trailers) -> i32: 0, 1;
    plain() -> i32: 0, 1;
    fnmatch(*const c_char, *const c_char) -> i32: 0, 2;
    chunk_begin(*const curlback_file_info, i32) -> i32: 0, 1;
    ssl_ctx(*mut c_void) -> i32: 0, 35;
    hsts_read(*mut curlback_hsts_slot) -> i32: 1, 2;
    hsts_write(*const curlback_hsts_entry, usize, usize) -> i32: 0, 2;
}

unsafe extern "C-unwind" fn read(easy: Raw, buffer: *mut u8, capacity: usize, ask: *mut c_void) -> i64 {
    let count = capacity.min(5);
    // SAFETY: as above; there is room for that many bytes.
    unsafe {
        if fails(easy, ask) {
            return -1;
        }
        buffer.write_bytes(b'x', count);
    }
    count as i64
}

unsafe extern "C-unwind" fn closes(easy: Raw, socket: isize, ask: *mut c_void) -> i32 {
    close_socket(socket);
    // SAFETY: as above.
    i32::from(unsafe { fails(easy, ask) })
}

type Data = (*mut c_void, curlback_drop_cb);

/// Calls the on_* function of this kind; without data it unsets.
fn on(kind: curlback_callback, easy: Raw, data: Option<Data>) -> i32 {
    let (data, drop) = data.map_or((std::ptr::null_mut(), None), |data| data);
    let set = drop.is_some();
    macro_rules! table {
        ($($kind:ident $function:ident $callback:ident,)*) => {
            match kind {
                // SAFETY: the callback is called with an Ask, or not at all.
                $($kind => unsafe { $function(easy, set.then_some($callback as _), data, drop) },)*
                other => panic!("{other:?} is new: it needs a line here and a transfer that calls it"),
            }
        };
    }
    table! {
        CURLBACK_CALLBACK_WRITE curlback_easy_on_write chunk,
        CURLBACK_CALLBACK_HEADER curlback_easy_on_header chunk,
        CURLBACK_CALLBACK_INTERLEAVE curlback_easy_on_interleave chunk,
        CURLBACK_CALLBACK_READ curlback_easy_on_read read,
        CURLBACK_CALLBACK_SEEK curlback_easy_on_seek seek,
        CURLBACK_CALLBACK_IOCTL curlback_easy_on_ioctl number,
        CURLBACK_CALLBACK_DEBUG curlback_easy_on_debug debug,
        CURLBACK_CALLBACK_PROGRESS curlback_easy_on_progress progress,
        CURLBACK_CALLBACK_XFERINFO curlback_easy_on_xferinfo xferinfo,
        CURLBACK_CALLBACK_OPEN_SOCKET curlback_easy_on_open_socket open_socket,
        CURLBACK_CALLBACK_CLOSE_SOCKET curlback_easy_on_close_socket closes,
        CURLBACK_CALLBACK_SOCKOPT curlback_easy_on_sockopt sockopt,
        CURLBACK_CALLBACK_SSH_KEY curlback_easy_on_ssh_key ssh_key,
        CURLBACK_CALLBACK_SSH_HOST_KEY curlback_easy_on_ssh_host_key ssh_host_key,
        CURLBACK_CALLBACK_PREREQ curlback_easy_on_prereq prereq,
        CURLBACK_CALLBACK_TRAILER curlback_easy_on_trailer trailer,
        CURLBACK_CALLBACK_RESOLVER_START curlback_easy_on_resolver_start plain,
        CURLBACK_CALLBACK_FNMATCH curlback_easy_on_fnmatch fnmatch,
        CURLBACK_CALLBACK_CHUNK_BEGIN curlback_easy_on_chunk_begin chunk_begin,
        CURLBACK_CALLBACK_CHUNK_END curlback_easy_on_chunk_end plain,
        CURLBACK_CALLBACK_SSL_CTX curlback_easy_on_ssl_ctx ssl_ctx,
        CURLBACK_CALLBACK_HSTS_READ curlback_easy_on_hsts_read hsts_read,
        CURLBACK_CALLBACK_HSTS_WRITE curlback_easy_on_hsts_write hsts_write,
    }
}

/// One kind of callback.
#[derive(Clone, Copy)]
pub struct Kind {
    pub id: curlback_callback,
    pub name: &'static str,
    /// What a failing return ends the transfer with; 0 where it changes nothing.
    pub ends_with: i32,
    /// What a transfer without the callback ends with.
    pub without: i32,
    /// It is called while the handle closes, and not in the transfer.
    pub closing: bool,
}

impl Kind {
    pub fn register(&self, easy: Raw, ask: impl Fn(Raw) -> bool + 'static) -> i32 {
        let ask: Ask = Box::new(ask);
        register(ask, |data, drop| on(self.id, easy, Some((data, drop))))
    }

    pub fn unset(&self, easy: Raw) {
        ok(on(self.id, easy, None));
    }

    /// A handle whose transfer calls this kind. None where its peer is missing.
    pub fn ready(&self) -> Option<Easy> {
        use curlback_callback as kind;
        let easy = match self.id {
            kind::CURLBACK_CALLBACK_SSH_KEY | kind::CURLBACK_CALLBACK_SSH_HOST_KEY => ssh()?,
            kind::CURLBACK_CALLBACK_FNMATCH
            | kind::CURLBACK_CALLBACK_CHUNK_BEGIN
            | kind::CURLBACK_CALLBACK_CHUNK_END => {
                let easy = Easy::to(&wildcard::server()?.url("/many/file00[3-5].txt"));
                easy.set_int(opt::WILDCARDMATCH, 1);
                easy
            }
            kind::CURLBACK_CALLBACK_INTERLEAVE => {
                let url = format!("rtsp://127.0.0.1:{}/", rtsp_server().port());
                let easy = Easy::to(&url);
                easy.set_str(opt::RTSP_STREAM_URI, &url);
                easy.set_str(opt::RTSP_TRANSPORT, "RTP/AVP/TCP;interleaved=0-1");
                easy
            }
            kind::CURLBACK_CALLBACK_SSL_CTX
            | kind::CURLBACK_CALLBACK_HSTS_READ
            | kind::CURLBACK_CALLBACK_HSTS_WRITE => {
                let nginx = Nginx::shared().unwrap();
                let easy = Easy::to(&format!("https://localhost:{}/hsts.txt", nginx.https_port()));
                easy.set_str(opt::CAINFO, nginx.ca_path().to_str().unwrap());
                easy
            }
            kind::CURLBACK_CALLBACK_READ => upload("/echo", false),
            kind::CURLBACK_CALLBACK_SEEK | kind::CURLBACK_CALLBACK_IOCTL => upload("/redirect307", true),
            kind::CURLBACK_CALLBACK_TRAILER => {
                let easy = Easy::to(&HttpServer::shared().url("/echo"));
                easy.set_int(opt::UPLOAD, 1);
                // SAFETY: the bytes are there.
                ok(unsafe { curlback_easy_read_from_memory(easy.raw(), b"hello".as_ptr().cast(), 5) });
                easy
            }
            _ => Easy::to(&HttpServer::shared().url("/hello")),
        };
        easy.set_int(opt::TIMEOUT, LIMIT.as_secs() as i64);
        // So that each transfer calls what a connection needs.
        if self.id != kind::CURLBACK_CALLBACK_INTERLEAVE {
            easy.set_int(opt::FORBID_REUSE, 1);
        }
        easy.set_int(opt::DNS_CACHE_TIMEOUT, 0);
        if self.id != kind::CURLBACK_CALLBACK_WRITE {
            ok(curlback_easy_body_to_memory(easy.raw(), 1 << 20));
        }
        Some(easy)
    }

    pub fn perform(&self, easy: &Easy) -> i32 {
        if self.id != curlback_callback::CURLBACK_CALLBACK_INTERLEAVE {
            return easy.perform();
        }
        // The server sends its packets when a session that was set up on this connection is to play.
        easy.set_int(opt::RTSP_REQUEST, 4);
        ok(easy.perform());
        easy.set_int(opt::RTSP_REQUEST, 5);
        easy.perform()
    }
}

fn rtsp_server() -> &'static RawServer {
    static SERVER: std::sync::OnceLock<RawServer> = std::sync::OnceLock::new();
    SERVER.get_or_init(rtsp)
}

/// A PUT of five bytes, from a callback where `supplied`.
fn upload(path: &str, supplied: bool) -> Easy {
    let easy = Easy::to(&HttpServer::shared().url(path));
    easy.set_int(opt::UPLOAD, 1);
    easy.set_int(opt::INFILESIZE_LARGE, 5);
    easy.set_int(opt::FOLLOWLOCATION, 1);
    if supplied {
        easy.on_read(|_, buffer| {
            buffer[..5].fill(b'x');
            5
        });
    }
    easy
}

/// Without a callback libcurl looks into the known-hosts file, which is empty.
fn ssh() -> Option<Easy> {
    let sshd = match Sshd::shared(HostKey::Ed25519) {
        Ok(sshd) => sshd,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            skipped("sftp", &format!("OpenSSH's server ({error})"));
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    let easy = Easy::to(&sshd.url("sftp", "hello.txt"));
    easy.set_str(opt::SSH_PRIVATE_KEYFILE, sshd.user_key().to_str().unwrap());
    easy.set_str(opt::SSH_KNOWNHOSTS, "/dev/null");
    Some(easy)
}

/// Runs the test for every kind that an easy handle has.
pub fn each(test: impl Fn(Kind, Easy)) {
    use curlback_callback as kind;
    let resolver = if version::number() >= version::version(8, 15, 0) { 42 } else { 6 };
    for info in KINDS.iter().filter(|info| info.id as usize <= kind::CURLBACK_CALLBACK_HSTS_WRITE as usize) {
        if !(info.available)() {
            skipped(&format!("the {} callback", info.name), "a libcurl that has it");
            continue;
        }
        let ends_with = match info.id {
            kind::CURLBACK_CALLBACK_WRITE
            | kind::CURLBACK_CALLBACK_HEADER
            | kind::CURLBACK_CALLBACK_INTERLEAVE => 23,
            kind::CURLBACK_CALLBACK_SEEK | kind::CURLBACK_CALLBACK_IOCTL => 65,
            kind::CURLBACK_CALLBACK_OPEN_SOCKET => 7,
            kind::CURLBACK_CALLBACK_SSH_KEY | kind::CURLBACK_CALLBACK_SSH_HOST_KEY => 60,
            kind::CURLBACK_CALLBACK_CHUNK_BEGIN | kind::CURLBACK_CALLBACK_CHUNK_END => 88,
            kind::CURLBACK_CALLBACK_SSL_CTX => 35,
            kind::CURLBACK_CALLBACK_RESOLVER_START => resolver,
            kind::CURLBACK_CALLBACK_DEBUG
            | kind::CURLBACK_CALLBACK_CLOSE_SOCKET
            | kind::CURLBACK_CALLBACK_HSTS_WRITE => 0,
            _ => 42,
        };
        let without = match info.id {
            kind::CURLBACK_CALLBACK_SEEK | kind::CURLBACK_CALLBACK_IOCTL => 65,
            kind::CURLBACK_CALLBACK_SSH_KEY | kind::CURLBACK_CALLBACK_SSH_HOST_KEY => 60,
            _ => 0,
        };
        let closing = info.id == kind::CURLBACK_CALLBACK_HSTS_WRITE;
        let kind = Kind { id: info.id, name: info.name, ends_with, without, closing };
        if let Some(easy) = kind.ready() {
            println!("{}", kind.name);
            test(kind, easy);
        }
    }
}
