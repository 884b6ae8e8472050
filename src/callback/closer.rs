//! Who closes the sockets that libcurl has open: what stands behind close_socket.
//!
//! libcurl keeps connections, so that a socket is closed long after its transfer, perhaps when its handle is gone, or by another
//! one's. The socket itself therefore knows whom it was opened for.

use std::ffi::{c_int, c_void};
use std::sync::Arc;

use parking_lot::Mutex;

use super::Kind;
use super::run;
use super::socket::{CloseSocket, curlback_socket};
use crate::boundary::contain;
use crate::easy::{Easy, curlback_easy};
use crate::libcurl::sys::curl_socket_t;
use crate::libcurl::version;
use crate::registry;
use crate::share::turn;
use crate::slot::{Garbage, Registration};

/// The sockets that libcurl has open.
static OPEN: Mutex<Open> = Mutex::new(Open(Vec::new()));

/// By number: the system gives out the lowest that is free.
struct Open(Vec<Option<Opened>>);

impl Open {
    fn insert(&mut self, socket: curl_socket_t, opened: Opened) -> Option<Opened> {
        let index = usize::try_from(socket).ok()?;
        if index >= self.0.len() {
            self.0.resize_with(index + 1, || None);
        }
        self.0[index].replace(opened)
    }

    fn get(&mut self, socket: curl_socket_t) -> Option<&mut Option<Opened>> {
        self.0.get_mut(usize::try_from(socket).ok()?)
    }

    fn remove(&mut self, socket: curl_socket_t) -> Option<Opened> {
        self.get(socket)?.take()
    }
}

/// A socket that libcurl has open: who closes it, and which file of the system's it was, where libcurl loses some.
struct Opened {
    closer: Arc<Closer>,
    inode: Option<u64>,
}

/// Whether libcurl closes sockets by itself without a word: 7.88 does that to one that is connecting, 8.22 to none.
fn loses_sockets() -> bool {
    version::number() < version::version(8, 22, 0)
}

/// The file behind a descriptor; None where it is closed.
fn inode(socket: curl_socket_t) -> Option<u64> {
    // SAFETY: all zeroes is a struct stat, which is filled on success.
    unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        (libc::fstat(socket, &mut found) == 0).then_some(found.st_ino)
    }
}

/// Who closes the sockets that were opened for a handle. The handle holds it, and so does each of those sockets.
pub struct Closer {
    easy: *const Easy,
    handle: *mut curlback_easy,
    registration: Mutex<Option<Arc<Registration>>>,
    /// Those that are open, where libcurl loses some.
    sockets: Mutex<Vec<curl_socket_t>>,
}

// SAFETY: the Easy is only looked at by the thread that owns it; the handle is a number.
unsafe impl Send for Closer {}
// SAFETY: as for Send; the registration is behind a lock.
unsafe impl Sync for Closer {}

impl Closer {
    /// For the handle at `easy`, which is about to be known as `handle`.
    pub fn new(easy: *const Easy, handle: *mut curlback_easy) -> Arc<Self> {
        Arc::new(Closer { easy, handle, registration: Mutex::new(None), sockets: Mutex::default() })
    }

    /// What the handle's slot holds now is called from here on.
    pub fn follow(&self, easy: &Easy) {
        let former =
            std::mem::replace(&mut *self.registration.lock(), easy.slots[CloseSocket::ID as usize].share());
        if let Some(former) = former {
            easy.discard(Garbage::Registration(former));
        }
    }

    /// libcurl has one more, which was opened for the handle.
    pub fn opened(self: &Arc<Self>, socket: curl_socket_t) {
        let inode = loses_sockets().then(|| {
            self.sockets.lock().push(socket);
            inode(socket)
        });
        let opened = Opened { closer: Arc::clone(self), inode: inode.flatten() };
        // One that was closed behind libcurl's back goes once the lock is left.
        let former = OPEN.lock().insert(socket, opened);
        drop(former);
    }

    /// The handle closes: of the sockets that libcurl has closed by itself nobody tells.
    pub fn forget_lost(self: &Arc<Self>) {
        if !loses_sockets() {
            return;
        }
        let sockets = self.sockets.lock().clone();
        for socket in sockets {
            let mut open = OPEN.lock();
            let lost = open.get(socket).and_then(|place| {
                place.take_if(|opened| Arc::ptr_eq(&opened.closer, self) && opened.inode != inode(socket))
            });
            // It goes once the lock is left.
            drop(open);
            drop(lost);
        }
    }

    /// Closes a socket that was opened for the handle.
    fn close(&self, socket: curl_socket_t) -> c_int {
        if loses_sockets() {
            self.sockets.lock().retain(|open| *open != socket);
        }
        let registration = self.registration.lock().clone();
        match &registration {
            None => close_it(socket),
            Some(registration) => self.call(registration, socket),
        }
    }

    fn call(&self, registration: &Registration, socket: curl_socket_t) -> c_int {
        if registry::runs_here::<Easy>(self.handle) {
            // SAFETY: this thread owns the handle, so the Easy is there.
            if unsafe { &*self.easy }.ended() {
                return close_it(socket);
            }
            // SAFETY: as above. After a panic nobody knows whether the socket is still open: it is left alone.
            return unsafe {
                run::<CloseSocket, c_int>(
                    self.easy.cast_mut().cast(),
                    -1,
                    |_| close_it(socket),
                    |easy, function, user_data| {
                        Ok(function(easy.handle(), socket as curlback_socket, user_data))
                    },
                )
            };
        }
        let handle =
            if registry::known::<Easy>(self.handle).is_ok() { self.handle } else { std::ptr::null_mut() };
        // SAFETY: the slot of this kind held what was registered as its function type.
        let function = unsafe {
            std::mem::transmute::<*const (), <CloseSocket as Kind>::Function>(registration.function)
        };
        // SAFETY: the caller registered the function for this user data, which the registration keeps.
        unsafe { function(handle, socket as curlback_socket, registration.user_data.get()) }
    }
}

pub(super) fn close_it(socket: curl_socket_t) -> c_int {
    // SAFETY: libcurl gives the socket up.
    unsafe { libc::close(socket) }
}

pub(super) unsafe extern "C" fn close_trampoline(_none: *mut c_void, socket: curl_socket_t) -> c_int {
    let close = || {
        // From here on the system may give the number to somebody else.
        let opened = OPEN.lock().remove(socket);
        opened.map_or_else(|| close_it(socket), |opened| opened.closer.close(socket))
    };
    turn::outside(|| contain(close)).unwrap_or(-1)
}
