//! What callbacks are told and what they answer, by libcurl's own terms.

const std = @import("std");
const c = @import("c");
const result = @import("result.zig");

/// A socket as the system knows it.
pub const Socket = c.curlback_socket;
/// Where libcurl is about to connect to.
pub const Address = c.curlback_address;
/// A host key of an SSH server.
pub const SshKey = c.curlback_ssh_key;
/// What an FTP server's listing says of a file.
pub const FileInfo = c.curlback_file_info;
/// A host that is to be reached over HTTPS alone.
pub const HstsEntry = c.curlback_hsts_entry;
/// The WebSocket frame that a chunk of data is of.
pub const WsFrame = c.curlback_ws_frame;
/// A descriptor to wait for.
pub const WaitFd = c.curlback_wait_fd;

/// What became of a piece of received data. Returning nothing is `all`.
pub const Data = enum(i64) {
    /// End the transfer.
    abort = c.CURLBACK_ABORT,
    /// Deliver it again once `Easy.pause(.none)` has ended the pause.
    pause = c.CURLBACK_PAUSE,
    /// All of it was consumed.
    all = c.CURLBACK_ALL,
};

/// What a source has to send. A plain usize is a count of bytes, too.
pub const Read = union(enum) {
    /// So many bytes are in the buffer; 0 ends the upload.
    count: usize,
    /// Nothing for now: ask again once `Easy.pause(.none)` has ended the pause.
    pause,
    /// End the transfer.
    abort,

    pub fn number(read: Read) i64 {
        return switch (read) {
            .count => |count| std.math.cast(i64, count) orelse std.math.maxInt(i64),
            .pause => c.CURLBACK_PAUSE,
            .abort => c.CURLBACK_ABORT,
        };
    }
};

/// Returning nothing is `ok`.
pub const Seek = enum(i32) {
    ok = c.CURLBACK_SEEK_OK,
    fail = c.CURLBACK_SEEK_FAIL,
    cant_seek = c.CURLBACK_SEEK_CANTSEEK,
};

/// What an offset counts from.
pub const Origin = enum(i32) {
    start = c.CURLBACK_ORIGIN_START,
    current = c.CURLBACK_ORIGIN_CURRENT,
    end = c.CURLBACK_ORIGIN_END,
    _,
};

/// Returning nothing is `ok`.
pub const Ioctl = enum(i32) {
    ok = c.CURLBACK_IOCTL_OK,
    unknown_command = c.CURLBACK_IOCTL_UNKNOWN_COMMAND,
    fail_restart = c.CURLBACK_IOCTL_FAIL_RESTART,
};

pub const IoctlCommand = enum(i32) {
    nop = c.CURLBACK_IOCTL_NOP,
    restart_read = c.CURLBACK_IOCTL_RESTART_READ,
    _,
};

/// What onDebug is shown.
pub const Debug = enum(i32) {
    text = c.CURLBACK_DEBUG_TEXT,
    header_in = c.CURLBACK_DEBUG_HEADER_IN,
    header_out = c.CURLBACK_DEBUG_HEADER_OUT,
    data_in = c.CURLBACK_DEBUG_DATA_IN,
    data_out = c.CURLBACK_DEBUG_DATA_OUT,
    tls_data_in = c.CURLBACK_DEBUG_TLS_DATA_IN,
    tls_data_out = c.CURLBACK_DEBUG_TLS_DATA_OUT,
    _,
};

/// How far a transfer is, in bytes; a total that is not known is 0.
pub fn Progress(comptime Number: type) type {
    return struct {
        download_total: Number,
        download_now: Number,
        upload_total: Number,
        upload_now: Number,
    };
}

/// The directions that `Easy.pause()` holds up.
pub const Pause = enum(i32) {
    none = c.CURLBACK_PAUSE_NONE,
    recv = c.CURLBACK_PAUSE_RECV,
    send = c.CURLBACK_PAUSE_SEND,
    both = c.CURLBACK_PAUSE_BOTH,
};

/// What a socket is for.
pub const Purpose = enum(i32) {
    connect = c.CURLBACK_SOCKET_CONNECT,
    accept = c.CURLBACK_SOCKET_ACCEPT,
    _,
};

pub const OpenSocket = union(enum) {
    /// A socket, which is then the library's.
    socket: Socket,
    /// Open it as libcurl would.
    default,
    /// The address is refused.
    bad,

    pub fn number(answer: OpenSocket) Socket {
        return switch (answer) {
            .socket => |socket| socket,
            .default => c.CURLBACK_SOCKET_DEFAULT,
            .bad => c.CURLBACK_SOCKET_BAD,
        };
    }
};

/// Returning nothing is `ok`.
pub const Sockopt = enum(i32) {
    ok = c.CURLBACK_SOCKOPT_OK,
    fail = c.CURLBACK_SOCKOPT_ERROR,
    already_connected = c.CURLBACK_SOCKOPT_ALREADY_CONNECTED,
};

/// How the known-hosts file and a server's key compare.
pub const SshMatch = enum(i32) {
    match = c.CURLBACK_SSH_MATCH,
    mismatch = c.CURLBACK_SSH_MISMATCH,
    missing = c.CURLBACK_SSH_MISSING,
    _,
};

pub const SshVerdict = enum(i32) {
    reject = c.CURLBACK_SSH_REJECT,
    accept = c.CURLBACK_SSH_ACCEPT,
    add_to_file = c.CURLBACK_SSH_ADD_TO_FILE,
    replace = c.CURLBACK_SSH_REPLACE,
    @"defer" = c.CURLBACK_SSH_DEFER,
};

/// The connection that a request is about to be sent over.
pub const Connection = struct {
    primary_ip: [:0]const u8,
    local_ip: [:0]const u8,
    primary_port: i32,
    local_port: i32,
};

/// What onTrailer adds trailers to.
pub const Trailers = struct {
    handle: *c.curlback_trailers,

    /// One "Name: value".
    pub fn add(trailers: Trailers, header: [:0]const u8) result.Error!void {
        return result.check(c.curlback_trailers_add(trailers.handle, header));
    }
};

/// Returning nothing is `ok`.
pub const Chunk = enum(i32) {
    ok = c.CURLBACK_CHUNK_OK,
    fail = c.CURLBACK_CHUNK_FAIL,
    skip = c.CURLBACK_CHUNK_SKIP,
};

/// The place for an entry that onHstsRead is asked for.
pub const HstsSlot = struct {
    handle: *c.curlback_hsts_slot,

    /// `expire` is in seconds since 1970, UTC; maxInt: never.
    pub fn fill(slot: HstsSlot, host: []const u8, expire: i64, include_subdomains: bool) result.Error!void {
        return result.check(c.curlback_hsts_fill(slot.handle, host.ptr, host.len, expire, include_subdomains));
    }
};

pub const Hsts = enum(i32) {
    /// Go on with the next entry.
    ok = c.CURLBACK_HSTS_OK,
    /// There is no further entry, or none is wanted.
    done = c.CURLBACK_HSTS_DONE,
    fail = c.CURLBACK_HSTS_FAIL,
};

/// Bits of what a WebSocket frame is.
pub const ws = struct {
    pub const text: u32 = c.CURLBACK_WS_TEXT;
    pub const binary: u32 = c.CURLBACK_WS_BINARY;
    pub const cont: u32 = c.CURLBACK_WS_CONT;
    pub const close: u32 = c.CURLBACK_WS_CLOSE;
    pub const ping: u32 = c.CURLBACK_WS_PING;
    pub const offset: u32 = c.CURLBACK_WS_OFFSET;
    pub const pong: u32 = c.CURLBACK_WS_PONG;
};

/// When `Multi.run()` returns.
pub const Run = enum(i32) {
    until_done = c.CURLBACK_RUN_UNTIL_DONE,
    until_stopped = c.CURLBACK_RUN_UNTIL_STOPPED,
};

/// What to wait for on a socket.
pub const Poll = enum(i32) {
    none = c.CURLBACK_POLL_NONE,
    in = c.CURLBACK_POLL_IN,
    out = c.CURLBACK_POLL_OUT,
    in_out = c.CURLBACK_POLL_INOUT,
    remove = c.CURLBACK_POLL_REMOVE,
    _,
};

/// What onNotify is called for.
pub const Notification = enum(i32) {
    info_read = c.CURLBACK_NOTIFY_INFO_READ,
    easy_done = c.CURLBACK_NOTIFY_EASY_DONE,
    _,
};

pub const Push = enum(i32) {
    /// The transfer is wanted, and the application's to close.
    ok = c.CURLBACK_PUSH_OK,
    deny = c.CURLBACK_PUSH_DENY,
    /// It is not wanted, and the transfer that it belongs to ends.
    fail = c.CURLBACK_PUSH_ERROR,
};

/// What handles can have in common.
pub const ShareData = enum(i32) {
    cookies = c.CURLBACK_SHARE_COOKIES,
    dns = c.CURLBACK_SHARE_DNS,
    tls_sessions = c.CURLBACK_SHARE_TLS_SESSIONS,
    connections = c.CURLBACK_SHARE_CONNECTIONS,
    psl = c.CURLBACK_SHARE_PSL,
    hsts = c.CURLBACK_SHARE_HSTS,
    /// The share itself, which onLock is called for too.
    itself = 1,
    _,
};

/// What a lock is taken for.
pub const Access = enum(i32) {
    none = c.CURLBACK_ACCESS_NONE,
    shared = c.CURLBACK_ACCESS_SHARED,
    single = c.CURLBACK_ACCESS_SINGLE,
    _,
};

/// Which callback.
pub const Callback = enum(i32) {
    none = c.CURLBACK_CALLBACK_NONE,
    write = c.CURLBACK_CALLBACK_WRITE,
    header = c.CURLBACK_CALLBACK_HEADER,
    read = c.CURLBACK_CALLBACK_READ,
    seek = c.CURLBACK_CALLBACK_SEEK,
    ioctl = c.CURLBACK_CALLBACK_IOCTL,
    debug = c.CURLBACK_CALLBACK_DEBUG,
    progress = c.CURLBACK_CALLBACK_PROGRESS,
    xferinfo = c.CURLBACK_CALLBACK_XFERINFO,
    open_socket = c.CURLBACK_CALLBACK_OPEN_SOCKET,
    close_socket = c.CURLBACK_CALLBACK_CLOSE_SOCKET,
    sockopt = c.CURLBACK_CALLBACK_SOCKOPT,
    ssh_key = c.CURLBACK_CALLBACK_SSH_KEY,
    ssh_host_key = c.CURLBACK_CALLBACK_SSH_HOST_KEY,
    prereq = c.CURLBACK_CALLBACK_PREREQ,
    trailer = c.CURLBACK_CALLBACK_TRAILER,
    resolver_start = c.CURLBACK_CALLBACK_RESOLVER_START,
    fnmatch = c.CURLBACK_CALLBACK_FNMATCH,
    chunk_begin = c.CURLBACK_CALLBACK_CHUNK_BEGIN,
    chunk_end = c.CURLBACK_CALLBACK_CHUNK_END,
    interleave = c.CURLBACK_CALLBACK_INTERLEAVE,
    ssl_ctx = c.CURLBACK_CALLBACK_SSL_CTX,
    hsts_read = c.CURLBACK_CALLBACK_HSTS_READ,
    hsts_write = c.CURLBACK_CALLBACK_HSTS_WRITE,
    mime_read = c.CURLBACK_CALLBACK_MIME_READ,
    mime_seek = c.CURLBACK_CALLBACK_MIME_SEEK,
    multi_socket = c.CURLBACK_CALLBACK_MULTI_SOCKET,
    multi_timer = c.CURLBACK_CALLBACK_MULTI_TIMER,
    multi_done = c.CURLBACK_CALLBACK_MULTI_DONE,
    multi_notify = c.CURLBACK_CALLBACK_MULTI_NOTIFY,
    multi_push = c.CURLBACK_CALLBACK_MULTI_PUSH,
    share_lock = c.CURLBACK_CALLBACK_SHARE_LOCK,
    share_unlock = c.CURLBACK_CALLBACK_SHARE_UNLOCK,
    ws_message = c.CURLBACK_CALLBACK_WS_MESSAGE,
    _,
};
