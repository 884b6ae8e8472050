//! Reading and writing the caller's files and descriptors.

use std::ffi::c_int;
use std::io::{self, ErrorKind};

/// How long a descriptor that does not block is waited for before looking whether the transfer is to end, in milliseconds.
const SLICE: c_int = 20;

pub(super) fn write_file(file: *mut libc::FILE, chunk: &[u8]) -> io::Result<()> {
    if chunk.is_empty() {
        return Ok(());
    }
    // SAFETY: the caller of the library keeps the stream open while it is set; the chunk is there.
    let written = unsafe { libc::fwrite(chunk.as_ptr().cast(), 1, chunk.len(), file) };
    if written == chunk.len() { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Fills `buffer` as far as the stream goes; 0 at its end.
pub(super) fn read_file(file: *mut libc::FILE, buffer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the caller of the library keeps the stream open while it is set; the buffer is there.
    let (count, failed) = unsafe {
        let count = libc::fread(buffer.as_mut_ptr().cast(), 1, buffer.len(), file);
        (count, count == 0 && libc::ferror(file) != 0)
    };
    if failed { Err(io::Error::last_os_error()) } else { Ok(count) }
}

pub(super) fn write_fd(fd: c_int, mut chunk: &[u8], ended: impl Fn() -> bool) -> io::Result<()> {
    while !chunk.is_empty() {
        let count = retry(fd, libc::POLLOUT, &ended, || {
            // SAFETY: the chunk is there; a descriptor that is not open is an error.
            unsafe { libc::write(fd, chunk.as_ptr().cast(), chunk.len()) }
        })?;
        chunk = &chunk[count..];
    }
    Ok(())
}

/// Reads what there is; 0 at the end.
pub(super) fn read_fd(fd: c_int, buffer: &mut [u8], ended: impl Fn() -> bool) -> io::Result<usize> {
    retry(fd, libc::POLLIN, &ended, || {
        // SAFETY: the buffer is there; a descriptor that is not open is an error.
        unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) }
    })
}

/// Does a call again that a signal broke off, or, after waiting, one that would block.
fn retry(
    fd: c_int,
    events: i16,
    ended: &impl Fn() -> bool,
    mut call: impl FnMut() -> isize,
) -> io::Result<usize> {
    loop {
        if let Ok(count) = usize::try_from(call()) {
            return Ok(count);
        }
        let error = io::Error::last_os_error();
        match error.kind() {
            ErrorKind::Interrupted => {}
            ErrorKind::WouldBlock => {
                let mut wait = libc::pollfd { fd, events, revents: 0 };
                // SAFETY: one entry, which is there.
                unsafe { libc::poll(&mut wait, 1, SLICE) };
            }
            _ => return Err(error),
        }
        if ended() {
            return Err(error);
        }
    }
}
