//! open_socket, close_socket and sockopt: the sockets of connections.
//!
//! libcurl copies the function and the data pointer for closing into each connection, and calls them for as long as that is
//! kept: after the option was unset, after the handle was reset or freed, while another handle is at work. That one may open more
//! sockets for the connection, as FTP does, which libcurl closes by the same pointer. So both trampolines are always installed, the data
//! pointer for closing is none, and the library knows of each socket whom it was opened for: a Closer, which it counts for it.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ptr::null;

use super::closer::{close_it, close_trampoline};
use super::{Kind, curlback_callback, run};
use crate::access::Call;
use crate::boundary::{Outcome, enter};
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::{self, curl_socket_t};
use crate::libcurl::tables::opt;
use crate::registry::claim;
use crate::result::curlback_result;
use crate::slot::curlback_drop_cb;

/// A socket as the system knows it: a file descriptor on Unix, a SOCKET on Windows.
#[allow(non_camel_case_types)]
pub type curlback_socket = isize;

/// What a socket is for: the `purpose` of open_socket and sockopt callbacks.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_socket_purpose {
    /// To connect to the address.
    CURLBACK_SOCKET_CONNECT = 0,
    /// It was accepted: the data connection of FTP in active mode. sockopt alone.
    CURLBACK_SOCKET_ACCEPT = 1,
}

/// What an open_socket callback may return beside a socket.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_socket_answer {
    /// The address is refused.
    CURLBACK_SOCKET_BAD = -1,
    /// Open it as libcurl would.
    CURLBACK_SOCKET_DEFAULT = -2,
}

const DEFAULT: isize = curlback_socket_answer::CURLBACK_SOCKET_DEFAULT as isize;
const BAD: curl_socket_t = sys::CURL_SOCKET_BAD;

/// Where libcurl is about to connect to. All of it is there until the callback returns.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct curlback_address {
    /// The system's AF_ number.
    pub family: i32,
    /// The system's SOCK_ number, on Linux with SOCK_CLOEXEC and SOCK_NONBLOCK in it where libcurl uses them.
    pub socktype: i32,
    /// The system's IPPROTO_ number.
    pub protocol: i32,
    /// AF_INET, AF_INET6: numeric, ending with NUL. AF_UNIX: the path's bytes, host_len of them, which can begin with a NUL.
    /// NULL for any other family.
    pub host: *const c_char,
    /// The length of `host`, without a NUL at its end.
    pub host_len: usize,
    /// In host byte order; 0 for AF_UNIX.
    pub port: u16,
    /// AF_INET6; else 0.
    pub flow_info: u32,
    /// AF_INET6; else 0.
    pub scope_id: u32,
    /// The raw struct sockaddr, for connect() and the like.
    pub sockaddr: *const c_void,
    /// The length of what `sockaddr` points to.
    pub sockaddr_len: u32,
}

/// A socket is needed for `address`; `purpose` is one of CURLBACK_SOCKET_*.
///
/// Return a socket, which is then the library's; CURLBACK_SOCKET_DEFAULT: open it as libcurl would, so that a callback can be a
/// mere filter of addresses; or CURLBACK_SOCKET_BAD: this address is refused. libcurl then tries the next one; after the last
/// the transfer ends with COULDNT_CONNECT (7). A socket that is connected already needs a sockopt callback that says so.
#[allow(non_camel_case_types)]
pub type curlback_open_socket_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        purpose: i32,
        address: *const curlback_address,
        user_data: *mut c_void,
    ) -> curlback_socket,
>;

/// `socket` is to be closed, which the callback must do; 0 on success, which libcurl does not look at.
///
/// Connections that are kept for reuse can outlive their handle: `easy` is NULL once it is gone.
#[allow(non_camel_case_types)]
pub type curlback_close_socket_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        socket: curlback_socket,
        user_data: *mut c_void,
    ) -> i32,
>;

/// What a sockopt callback returns.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types)]
pub enum curlback_sockopt {
    /// Go on.
    CURLBACK_SOCKOPT_OK = 0,
    /// The transfer ends with ABORTED_BY_CALLBACK (42).
    CURLBACK_SOCKOPT_ERROR = 1,
    /// The socket is connected already: libcurl does not connect it.
    CURLBACK_SOCKOPT_ALREADY_CONNECTED = 2,
}

/// `socket` has been opened and not connected yet; `purpose` is one of CURLBACK_SOCKET_*.
///
/// Return CURLBACK_SOCKOPT_*; any other value counts as CURLBACK_SOCKOPT_ERROR.
#[allow(non_camel_case_types)]
pub type curlback_sockopt_cb = Option<
    unsafe extern "C-unwind" fn(
        easy: *mut curlback_easy,
        socket: curlback_socket,
        purpose: i32,
        user_data: *mut c_void,
    ) -> i32,
>;

pub struct OpenSocket;

impl Kind for OpenSocket {
    type Function = unsafe extern "C-unwind" fn(
        *mut curlback_easy,
        i32,
        *const curlback_address,
        *mut c_void,
    ) -> curlback_socket;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_OPEN_SOCKET;
    const OPTIONS: (i32, i32) = (opt::OPENSOCKETFUNCTION, opt::OPENSOCKETDATA);
    const ENDS_WITH: &'static [i32] = &[7];

    fn trampoline() -> *const c_void {
        open_trampoline as *const c_void
    }

    // It is always installed.
    fn wire(_easy: &Easy, _set: bool) -> Outcome {
        Ok(())
    }
}

pub struct CloseSocket;

impl Kind for CloseSocket {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, curlback_socket, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_CLOSE_SOCKET;
    const OPTIONS: (i32, i32) = (opt::CLOSESOCKETFUNCTION, opt::CLOSESOCKETDATA);
    const ENDS_WITH: &'static [i32] = &[];

    fn trampoline() -> *const c_void {
        close_trampoline as *const c_void
    }

    // It is always installed.
    fn wire(_easy: &Easy, _set: bool) -> Outcome {
        Ok(())
    }
}

pub struct Sockopt;

impl Kind for Sockopt {
    type Function = unsafe extern "C-unwind" fn(*mut curlback_easy, curlback_socket, i32, *mut c_void) -> i32;
    const ID: curlback_callback = curlback_callback::CURLBACK_CALLBACK_SOCKOPT;
    const OPTIONS: (i32, i32) = (opt::SOCKOPTFUNCTION, opt::SOCKOPTDATA);
    const ENDS_WITH: &'static [i32] = &[42];

    fn trampoline() -> *const c_void {
        sockopt_trampoline as *const c_void
    }
}

unsafe extern "C" fn open_trampoline(
    easy: *mut c_void,
    purpose: c_int,
    address: *mut sys::curl_sockaddr,
) -> curl_socket_t {
    let opened = Cell::new(BAD);
    // SAFETY: `easy` is what Easy set as OPENSOCKETDATA; the address is there, as libcurl says.
    unsafe {
        let socket = run::<OpenSocket, curl_socket_t>(
            easy,
            BAD,
            |_| open_as_libcurl(&*address),
            |easy, function, user_data| {
                let described = Described::new(address);
                let socket = match function(easy.handle(), purpose, &described.address(), user_data) {
                    DEFAULT => Ok(open_as_libcurl(&*address)),
                    socket if socket < 0 => Err(BAD),
                    socket => curl_socket_t::try_from(socket).map_err(|_| BAD),
                };
                opened.set(socket.unwrap_or(BAD));
                socket
            },
        );
        // The callback has ended the transfer as well: libcurl does not get the socket.
        if socket == BAD && opened.get() != BAD {
            close_it(opened.get());
        }
        let closer = (*easy.cast::<Easy>()).closer();
        if socket != BAD
            && let Some(closer) = closer
        {
            closer.opened(socket);
        }
        socket
    }
}

fn open_as_libcurl(address: &sys::curl_sockaddr) -> curl_socket_t {
    // SAFETY: three numbers.
    unsafe { libc::socket(address.family, address.socktype | libc::SOCK_CLOEXEC, address.protocol) }
}

/// An address with the text that a curlback_address points to.
struct Described {
    raw: *const sys::curl_sockaddr,
    text: [u8; 64],
    host: *const c_char,
    host_len: usize,
    port: u16,
    flow_info: u32,
    scope_id: u32,
}

impl Described {
    /// # Safety
    /// The address is there, with as much of a sockaddr as it says.
    unsafe fn new(raw: *const sys::curl_sockaddr) -> Self {
        let mut this =
            Described { raw, text: [0; 64], host: null(), host_len: 0, port: 0, flow_info: 0, scope_id: 0 };
        // SAFETY: the family says what the sockaddr is.
        unsafe {
            let sockaddr = &raw const (*raw).addr;
            match (*raw).family {
                libc::AF_INET => {
                    let found = sockaddr.cast::<libc::sockaddr_in>().read_unaligned();
                    this.port = u16::from_be(found.sin_port);
                    this.write(&Ipv4Addr::from(u32::from_be(found.sin_addr.s_addr)).to_string());
                }
                libc::AF_INET6 => {
                    let found = sockaddr.cast::<libc::sockaddr_in6>().read_unaligned();
                    this.port = u16::from_be(found.sin6_port);
                    this.flow_info = u32::from_be(found.sin6_flowinfo);
                    this.scope_id = found.sin6_scope_id;
                    this.write(&Ipv6Addr::from(found.sin6_addr.s6_addr).to_string());
                }
                libc::AF_UNIX => {
                    let start = std::mem::offset_of!(libc::sockaddr_un, sun_path);
                    this.host = sockaddr.cast::<c_char>().add(start);
                    let room = ((*raw).addrlen as usize).saturating_sub(start);
                    let path = std::slice::from_raw_parts(this.host.cast::<u8>(), room);
                    // A path in the file system ends with NUL; one that begins with NUL is as long as the address says.
                    let end = path.iter().position(|byte| *byte == 0).filter(|end| *end > 0);
                    this.host_len = end.unwrap_or(room);
                }
                _ => {}
            }
        }
        this
    }

    fn write(&mut self, text: &str) {
        // The longest IPv6 address has 45 characters: there is a NUL behind it.
        self.text[..text.len()].copy_from_slice(text.as_bytes());
        self.host_len = text.len();
    }

    fn address(&self) -> curlback_address {
        let text = self.text[0] != 0;
        // SAFETY: the address is there for as long as this is.
        let raw = unsafe { &*self.raw };
        curlback_address {
            family: raw.family,
            socktype: raw.socktype,
            protocol: raw.protocol,
            host: if text { self.text.as_ptr().cast() } else { self.host },
            host_len: self.host_len,
            port: self.port,
            flow_info: self.flow_info,
            scope_id: self.scope_id,
            sockaddr: (&raw const raw.addr).cast(),
            sockaddr_len: raw.addrlen,
        }
    }
}

unsafe extern "C" fn sockopt_trampoline(easy: *mut c_void, socket: curl_socket_t, purpose: c_int) -> c_int {
    const ERROR: c_int = curlback_sockopt::CURLBACK_SOCKOPT_ERROR as c_int;
    // SAFETY: `easy` is what register() set as SOCKOPTDATA.
    unsafe {
        run::<Sockopt, c_int>(
            easy,
            ERROR,
            |_| 0,
            |easy, function, user_data| match function(
                easy.handle(),
                socket as curlback_socket,
                purpose,
                user_data,
            ) {
                answer @ 0 => Ok(answer),
                answer if answer == curlback_sockopt::CURLBACK_SOCKOPT_ALREADY_CONNECTED as c_int => {
                    Ok(answer)
                }
                _ => Err(ERROR),
            },
        )
    }
}

/// Calls `callback` for each socket that is needed. NULL unsets: libcurl opens them.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_open_socket(
    easy: *mut curlback_easy,
    callback: curlback_open_socket_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<OpenSocket>(callback, user_data, drop))
}

/// Calls `callback` for each socket that is to be closed, those too that were opened before it was registered. NULL unsets: the
/// library closes them, as it does after curlback_easy_reset() and once a transfer was interrupted.
///
/// Connections that are kept for reuse can outlive their handle where others share them: the callback that was registered
/// last stays callable then, with NULL for the handle, until the last socket that was opened for this handle is closed, and
/// its user data is dropped then. Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_close_socket(
    easy: *mut curlback_easy,
    callback: curlback_close_socket_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| {
        let easy = claim::<Easy>(easy, Call::Set)?;
        easy.register::<CloseSocket>(callback, user_data, drop)?;
        easy.follow_close_socket();
        Ok(())
    })
}

/// Calls `callback` for each socket that was opened, before it is connected. NULL unsets.
///
/// Also inside callbacks; replacing takes effect with the next call.
///
/// # Safety
/// `callback` may be called with `user_data` until `drop` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn curlback_easy_on_sockopt(
    easy: *mut curlback_easy,
    callback: curlback_sockopt_cb,
    user_data: *mut c_void,
    drop: curlback_drop_cb,
) -> curlback_result {
    enter(|| claim::<Easy>(easy, Call::Set)?.register::<Sockopt>(callback, user_data, drop))
}

#[cfg(test)]
mod tests {
    use super::{Described, sys};

    /// libcurl sets no flow, and the scope after the callback: no transfer shows that they are read right.
    #[test]
    fn ports_and_flows_are_turned_to_host_order_and_scopes_are_not() {
        // SAFETY: zeros are an address.
        let mut address = unsafe { std::mem::zeroed::<libc::sockaddr_in6>() };
        address.sin6_port = 0x1234_u16.to_be();
        address.sin6_flowinfo = 0x0001_2345_u32.to_be();
        address.sin6_scope_id = 0x0102;
        // SAFETY: as above; a curl_sockaddr has the room of any sockaddr behind it, which this one stands in for.
        unsafe {
            let mut raw = std::mem::zeroed::<(sys::curl_sockaddr, libc::sockaddr_in6)>();
            raw.0.family = libc::AF_INET6;
            (&raw mut raw.0.addr).cast::<libc::sockaddr_in6>().write_unaligned(address);
            let described = Described::new(&raw const raw.0);
            assert_eq!(
                (described.port, described.flow_info, described.scope_id),
                (0x1234, 0x0001_2345, 0x0102)
            );
        }
    }
}
