//! Easy handles: one transfer at a time.

const std = @import("std");
const c = @import("c");
const types = @import("types.zig");
const results = @import("result.zig");
const options = @import("option.zig");
const contexts = @import("context.zig");
const failures = @import("failure.zig");
const machinery = @import("call.zig");
const trampolines = @import("trampolines.zig");
const List = @import("list.zig").List;
const Mime = @import("mime.zig").Mime;
const Share = @import("share.zig").Share;
const Error = results.Error;
const Kind = machinery.Kind;
const check = results.check;

/// A handle for one transfer at a time, with its options, callbacks, connections and caches. It may be copied: what is used
/// after its `deinit()` is `error.Handle`, never a crash.
pub const Easy = struct {
    handle: *c.curlback_easy,

    pub fn init() Error!Easy {
        return .{ .handle = c.curlback_easy_new() orelse return error.OutOfMemory };
    }

    /// Closes it, inside its own callbacks as soon as the transfer has ended, and drops what it holds.
    pub fn deinit(easy: Easy) void {
        c.curlback_easy_release(easy.handle);
    }

    /// Closes it now, or says why that cannot be.
    pub fn close(easy: Easy) Error!void {
        return check(c.curlback_easy_close(easy.handle));
    }

    pub fn reset(easy: Easy) Error!void {
        return check(c.curlback_easy_reset(easy.handle));
    }

    /// The CURL pointer underneath, for what this package lacks; null where it is refused. curlback.h says what must be left alone.
    pub fn curl(easy: Easy) ?*anyopaque {
        return c.curlback_easy_curl(easy.handle);
    }

    /// Another one with the same options and callbacks; their contexts are shared.
    pub fn duplicate(easy: Easy) Error!Easy {
        var copy: ?*c.curlback_easy = null;
        try check(c.curlback_easy_duplicate(easy.handle, &copy));
        return .{ .handle = copy.? };
    }

    // Transfers.

    pub fn perform(easy: Easy) Error!void {
        return check(c.curlback_easy_perform(easy.handle));
    }

    /// As `perform()`, but an error of the set `Own` that a callback returned comes back as it was.
    pub fn performAs(easy: Easy, comptime Own: type) (Error || Own)!void {
        easy.perform() catch |err| return failures.own(Own, err, try easy.failure());
    }

    /// From any thread.
    pub fn cancel(easy: Easy) Error!void {
        return check(c.curlback_easy_cancel(easy.handle));
    }

    /// From any thread.
    pub fn pause(easy: Easy, directions: types.Pause) Error!void {
        return check(c.curlback_easy_pause(easy.handle, @backingInt(directions)));
    }

    /// How the last transfer went.
    pub fn failure(easy: Easy) Error!failures.Failure {
        var record: c.curlback_error = undefined;
        try check(c.curlback_easy_error(easy.handle, &record));
        return .from(record);
    }

    /// For a callback to return: `return easy.raise(error.TooBig, "more than a megabyte")` ends the transfer with that
    /// error and this sentence, where returning the error alone has its name for a sentence.
    pub fn raise(easy: Easy, err: anytype, message: [:0]const u8) @TypeOf(err) {
        machinery.raise(easy.handle, err, message);
        return err;
    }

    /// Says why the callback is about to answer with a failing value, which decides what the transfer ends with.
    pub fn explain(easy: Easy, code: i32, message: [:0]const u8) Error!void {
        const severity = c.CURLBACK_RAISE_ERROR;
        return check(c.curlback_easy_raise(easy.handle, severity, code, message, null, null));
    }

    // Options and infos, by libcurl's names in capitals.

    /// `value` is a number, a bool, a string that ends with NUL, a list of these, or, for blobs and POSTFIELDS, bytes.
    pub fn set(easy: Easy, comptime name: @EnumLiteral(), value: anytype) Error!void {
        const number = comptime options.option(name);
        const T = @TypeOf(value);
        switch (comptime options.shape(number)) {
            .number => switch (@typeInfo(T)) {
                .bool => return check(c.curlback_easy_set_int(easy.handle, number, @intFromBool(value))),
                .int, .comptime_int => {
                    const wide = std.math.cast(i64, value) orelse return error.Range;
                    return check(c.curlback_easy_set_int(easy.handle, number, wide));
                },
                else => refuse(name, "a number", T),
            },
            .bytes => {
                if (comptime !options.isBytes(T)) refuse(name, "bytes", T);
                return easy.setBytes(number, value);
            },
            .function => @compileError("a callback is set by its method: onWrite() and so on, not by ." ++ @tagName(name)),
            .text => if (number == c.CURLBACK_OPT_POSTFIELDS or number == c.CURLBACK_OPT_COPYPOSTFIELDS) {
                if (comptime !options.isBytes(T)) refuse(name, "bytes", T);
                return easy.setBytes(number, value);
            } else if (comptime options.isStrings(T)) {
                const items: []const [*:0]const u8 = value;
                return check(c.curlback_easy_set_list(easy.handle, number, @ptrCast(items.ptr), items.len));
            } else if (comptime options.isString(T)) {
                return check(c.curlback_easy_set_str(easy.handle, number, value));
            } else {
                refuse(name, "a string that ends with NUL, [:0]const u8, or a list of [*:0]const u8", T);
            },
        }
    }

    pub fn unset(easy: Easy, comptime name: @EnumLiteral()) Error!void {
        return check(c.curlback_easy_unset(easy.handle, comptime options.option(name)));
    }

    fn setBytes(easy: Easy, number: i32, value: []const u8) Error!void {
        // A slice of nothing may be anywhere.
        const data: [*]const u8 = if (value.len == 0) "" else value.ptr;
        return check(c.curlback_easy_set_bytes(easy.handle, number, data, value.len));
    }

    /// An i64, an f64, a ?[:0]const u8 that is there as long as libcurl's is, or a List to `deinit()`.
    pub fn get(easy: Easy, comptime name: @EnumLiteral()) Error!options.Info(name) {
        const number = comptime options.info(name);
        switch (options.Info(name)) {
            i64 => {
                var value: i64 = 0;
                try check(c.curlback_easy_get_int(easy.handle, number, &value));
                return value;
            },
            f64 => {
                var value: f64 = 0;
                try check(c.curlback_easy_get_double(easy.handle, number, &value));
                return value;
            },
            List => {
                var value: ?*c.curlback_list = null;
                try check(c.curlback_easy_get_list(easy.handle, number, &value));
                return .{ .handle = value };
            },
            else => {
                var value: [*c]const u8 = null;
                try check(c.curlback_easy_get_str(easy.handle, number, &value));
                return if (value == null) null else machinery.span(value);
            },
        }
    }

    /// The fields of a certificate of the server's, with the option CERTINFO.
    pub fn getCert(easy: Easy, index: usize) Error!List {
        var fields: ?*c.curlback_list = null;
        try check(c.curlback_easy_get_cert(easy.handle, index, &fields));
        return .{ .handle = fields };
    }

    // Where data goes and comes from, beside callbacks.

    pub fn bodyToFd(easy: Easy, fd: c_int) Error!void {
        return check(c.curlback_easy_body_to_fd(easy.handle, fd));
    }
    pub fn bodyToMemory(easy: Easy, limit: usize) Error!void {
        return check(c.curlback_easy_body_to_memory(easy.handle, limit));
    }
    pub fn clearBody(easy: Easy) Error!void {
        return check(c.curlback_easy_clear_body(easy.handle));
    }
    /// What the last transfer left in memory, until the next perform, reset or close.
    pub fn body(easy: Easy) Error![]const u8 {
        return easy.collected(c.curlback_easy_body);
    }
    /// onWrite gets so many bytes at a time, where that is no delay; 0 switches it off.
    pub fn batchBody(easy: Easy, max_bytes: usize) Error!void {
        return check(c.curlback_easy_batch_body(easy.handle, max_bytes));
    }
    pub fn headerToFd(easy: Easy, fd: c_int) Error!void {
        return check(c.curlback_easy_header_to_fd(easy.handle, fd));
    }
    pub fn headerToMemory(easy: Easy, limit: usize) Error!void {
        return check(c.curlback_easy_header_to_memory(easy.handle, limit));
    }
    pub fn clearHeader(easy: Easy) Error!void {
        return check(c.curlback_easy_clear_header(easy.handle));
    }
    pub fn header(easy: Easy) Error![]const u8 {
        return easy.collected(c.curlback_easy_header);
    }
    pub fn readFromFd(easy: Easy, fd: c_int) Error!void {
        return check(c.curlback_easy_read_from_fd(easy.handle, fd));
    }
    /// The data are copied.
    pub fn readFromMemory(easy: Easy, data: []const u8) Error!void {
        const start: [*]const u8 = if (data.len == 0) "" else data.ptr;
        return check(c.curlback_easy_read_from_memory(easy.handle, start, data.len));
    }
    pub fn clearSource(easy: Easy) Error!void {
        return check(c.curlback_easy_clear_source(easy.handle));
    }
    /// Null for none.
    pub fn setMime(easy: Easy, mime: ?Mime) Error!void {
        return check(c.curlback_easy_set_mime(easy.handle, if (mime) |form| form.handle else null));
    }

    /// Null for none.
    pub fn setShare(easy: Easy, share: ?Share) Error!void {
        return check(c.curlback_easy_set_share(easy.handle, if (share) |common| common.handle else null));
    }

    fn collected(easy: Easy, comptime source: anytype) Error![]const u8 {
        var data: [*c]const u8 = null;
        var len: usize = 0;
        try check(source(easy.handle, &data, &len));
        return machinery.slice(data, len);
    }

    // The raw connection of a transfer with CONNECT_ONLY.

    pub fn send(easy: Easy, data: []const u8) Error!usize {
        var sent: usize = 0;
        try check(c.curlback_easy_send(easy.handle, data.ptr, data.len, &sent));
        return sent;
    }
    /// 0: the peer has closed it.
    pub fn recv(easy: Easy, buffer: []u8) Error!usize {
        var received: usize = 0;
        try check(c.curlback_easy_recv(easy.handle, buffer.ptr, buffer.len, &received));
        return received;
    }

    // WebSocket.

    /// `fragment_size` is 0 but where a frame is sent in pieces; returns how much was taken.
    pub fn wsSend(easy: Easy, data: []const u8, fragment_size: i64, flags: u32) Error!usize {
        var sent: usize = 0;
        try check(c.curlback_ws_send(easy.handle, data.ptr, data.len, fragment_size, flags, &sent));
        return sent;
    }
    pub fn wsClose(easy: Easy, code: u16, reason: []const u8) Error!void {
        return check(c.curlback_ws_close(easy.handle, code, reason.ptr, reason.len));
    }
    pub fn wsRecv(easy: Easy, buffer: []u8, frame: *types.WsFrame) Error!usize {
        var received: usize = 0;
        try check(c.curlback_ws_recv(easy.handle, buffer.ptr, buffer.len, &received, frame));
        return received;
    }
    pub fn wsMeta(easy: Easy) Error!types.WsFrame {
        var frame: types.WsFrame = undefined;
        try check(c.curlback_ws_meta(easy.handle, &frame));
        return frame;
    }

    /// Keeps a context with the handle: `easy.private(T)` has it wherever the handle is.
    pub fn setPrivate(easy: Easy, context: anytype) Error!void {
        const T = contexts.Registered(@TypeOf(context), "setPrivate");
        if (T == void) return check(c.curlback_easy_set_private(easy.handle, null, null));
        const user_data = context.retain();
        errdefer @TypeOf(context).drop(user_data);
        return check(c.curlback_easy_set_private(easy.handle, user_data, @TypeOf(context).drop));
    }
    /// The value of the context that was kept, which must be a T; null where there is none.
    pub fn private(easy: Easy, comptime T: type) ?*T {
        return contexts.Context(T).value(c.curlback_easy_private(easy.handle) orelse return null);
    }

    // Callbacks. Each takes a context, or {} for none, and a function: with a pointer to the context's value first, then, if
    // it wants that, the Easy, then what is listed. Returning nothing is success, and an error ends the transfer.

    /// ([]const u8) !void or !Data.
    pub fn onWrite(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        return easy.register("onWrite", data_kind, trampolines.Data, c.curlback_easy_on_write, context, f);
    }
    /// ([]const u8 line) !void or !Data.
    pub fn onHeader(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        return easy.register("onHeader", data_kind, trampolines.Data, c.curlback_easy_on_header, context, f);
    }
    /// ([]const u8 packet) !void or !Data.
    pub fn onInterleave(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        return easy.register("onInterleave", data_kind, trampolines.Data, c.curlback_easy_on_interleave, context, f);
    }
    /// ([]u8 buffer) !usize or !Read.
    pub fn onRead(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        return easy.register("onRead", read_kind, trampolines.Read, c.curlback_easy_on_read, context, f);
    }
    /// (i64 offset, Origin) !void or !Seek.
    pub fn onSeek(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        return easy.register("onSeek", seek_kind, trampolines.Seek, c.curlback_easy_on_seek, context, f);
    }
    /// (IoctlCommand) !void or !Ioctl.
    pub fn onIoctl(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "", .args = &.{types.IoctlCommand}, .answers = &.{types.Ioctl} };
        return easy.register("onIoctl", kind, trampolines.Ioctl, c.curlback_easy_on_ioctl, context, f);
    }
    /// (Debug, []const u8) !void.
    pub fn onDebug(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "", .args = &.{ types.Debug, []const u8 } };
        return easy.register("onDebug", kind, trampolines.Debug, c.curlback_easy_on_debug, context, f);
    }
    /// (Progress(f64)) !void.
    pub fn onProgress(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "", .args = &.{types.Progress(f64)} };
        return easy.register("onProgress", kind, trampolines.Progress(f64), c.curlback_easy_on_progress, context, f);
    }
    /// (Progress(i64)) !void.
    pub fn onXferinfo(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "", .args = &.{types.Progress(i64)} };
        return easy.register("onXferinfo", kind, trampolines.Progress(i64), c.curlback_easy_on_xferinfo, context, f);
    }
    /// (Purpose, *const Address) !OpenSocket.
    pub fn onOpenSocket(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{
            .name = "",
            .args = &.{ types.Purpose, *const types.Address },
            .answers = &.{types.OpenSocket},
            .silent = false,
            .Number = types.Socket,
            .failure = c.CURLBACK_SOCKET_BAD,
        };
        return easy.register("onOpenSocket", kind, trampolines.OpenSocket, c.curlback_easy_on_open_socket, context, f);
    }
    /// (Socket) !void, which has to close it. Connections can outlive their handle: it is ?Easy here.
    pub fn onCloseSocket(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "", .Handle = ?Easy, .args = &.{types.Socket} };
        return easy.register("onCloseSocket", kind, trampolines.CloseSocket, c.curlback_easy_on_close_socket, context, f);
    }
    /// (Socket, Purpose) !void or !Sockopt.
    pub fn onSockopt(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "", .args = &.{ types.Socket, types.Purpose }, .answers = &.{types.Sockopt} };
        return easy.register("onSockopt", kind, trampolines.Sockopt, c.curlback_easy_on_sockopt, context, f);
    }
    /// (?*const SshKey known, *const SshKey found, SshMatch) !SshVerdict.
    pub fn onSshKey(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{
            .name = "",
            .args = &.{ ?*const types.SshKey, *const types.SshKey, types.SshMatch },
            .answers = &.{types.SshVerdict},
            .silent = false,
            .failure = c.CURLBACK_SSH_REJECT,
        };
        return easy.register("onSshKey", kind, trampolines.SshKey, c.curlback_easy_on_ssh_key, context, f);
    }
    /// (*const SshKey found) !SshVerdict.
    pub fn onSshHostKey(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{
            .name = "",
            .args = &.{*const types.SshKey},
            .answers = &.{types.SshVerdict},
            .silent = false,
            .failure = c.CURLBACK_SSH_REJECT,
        };
        return easy.register("onSshHostKey", kind, trampolines.SshHostKey, c.curlback_easy_on_ssh_host_key, context, f);
    }
    /// (Connection) !void.
    pub fn onPrereq(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "", .args = &.{types.Connection} };
        return easy.register("onPrereq", kind, trampolines.Prereq, c.curlback_easy_on_prereq, context, f);
    }
    /// (Trailers) !void.
    pub fn onTrailer(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "", .args = &.{types.Trailers} };
        return easy.register("onTrailer", kind, trampolines.Trailer, c.curlback_easy_on_trailer, context, f);
    }
    /// () !void.
    pub fn onResolverStart(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        return easy.register(
            "onResolverStart",
            .{ .name = "" },
            trampolines.Plain,
            c.curlback_easy_on_resolver_start,
            context,
            f,
        );
    }
    /// ([:0]const u8 pattern, [:0]const u8 string) !bool, whether they match.
    pub fn onFnmatch(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{
            .name = "",
            .args = &.{ [:0]const u8, [:0]const u8 },
            .answers = &.{bool},
            .silent = false,
            .failure = c.CURLBACK_FNMATCH_FAIL,
        };
        return easy.register("onFnmatch", kind, trampolines.Fnmatch, c.curlback_easy_on_fnmatch, context, f);
    }
    /// (*const FileInfo, i32 remaining) !void or !Chunk.
    pub fn onChunkBegin(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "", .args = &.{ *const types.FileInfo, i32 }, .answers = &.{types.Chunk} };
        return easy.register("onChunkBegin", kind, trampolines.ChunkBegin, c.curlback_easy_on_chunk_begin, context, f);
    }
    /// () !void.
    pub fn onChunkEnd(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        return easy.register("onChunkEnd", .{ .name = "" }, trampolines.Plain, c.curlback_easy_on_chunk_end, context, f);
    }
    /// (*anyopaque ssl_ctx) !void.
    pub fn onSslCtx(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "", .args = &.{*anyopaque}, .failure = 35 };
        return easy.register("onSslCtx", kind, trampolines.SslCtx, c.curlback_easy_on_ssl_ctx, context, f);
    }
    /// (HstsSlot) !Hsts.
    pub fn onHstsRead(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{
            .name = "",
            .args = &.{types.HstsSlot},
            .answers = &.{types.Hsts},
            .silent = false,
            .failure = c.CURLBACK_HSTS_FAIL,
        };
        return easy.register("onHstsRead", kind, trampolines.HstsRead, c.curlback_easy_on_hsts_read, context, f);
    }
    /// (*const HstsEntry, usize index, usize total) !void or !Hsts.
    pub fn onHstsWrite(easy: Easy, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{
            .name = "",
            .args = &.{ *const types.HstsEntry, usize, usize },
            .answers = &.{types.Hsts},
            .failure = c.CURLBACK_HSTS_FAIL,
        };
        return easy.register("onHstsWrite", kind, trampolines.HstsWrite, c.curlback_easy_on_hsts_write, context, f);
    }
    /// (u32 flags, []const u8) !void, with each message of at most `limit` bytes.
    pub fn onWsMessage(easy: Easy, limit: usize, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "onWsMessage", .args = &.{ u32, []const u8 } };
        const set_message = c.curlback_easy_on_ws_message;
        const before = .{ easy.handle, limit };
        return check(machinery.register(kind, trampolines.WsMessage, set_message, before, context, f));
    }

    /// Unsets a callback, `.write` say, and drops its context.
    pub fn unsetCallback(easy: Easy, comptime callback: types.Callback) Error!void {
        if (callback == .ws_message) return check(c.curlback_easy_on_ws_message(easy.handle, 0, null, null, null));
        const name = "curlback_easy_on_" ++ @tagName(callback);
        if (!@hasDecl(c, name)) @compileError("an easy handle has no callback " ++ @tagName(callback));
        return check(@field(c, name)(easy.handle, null, null, null));
    }

    fn register(
        easy: Easy,
        comptime name: []const u8,
        comptime kind: Kind,
        comptime Trampoline: fn (comptime Kind, comptime type, comptime anytype) type,
        install: anytype,
        context: anytype,
        comptime f: anytype,
    ) Error!void {
        comptime var named = kind;
        named.name = name;
        return check(machinery.register(named, Trampoline, install, .{easy.handle}, context, f));
    }
};

const data_kind: Kind = .{
    .name = "",
    .args = &.{[]const u8},
    .answers = &.{types.Data},
    .Number = i64,
    .success = c.CURLBACK_ALL,
    .failure = c.CURLBACK_ABORT,
};

pub const read_kind: Kind = .{
    .name = "",
    .args = &.{[]u8},
    .answers = &.{ usize, types.Read },
    .silent = false,
    .Number = i64,
    .failure = c.CURLBACK_ABORT,
};

pub const seek_kind: Kind = .{ .name = "", .args = &.{ i64, types.Origin }, .answers = &.{types.Seek} };

fn refuse(comptime name: @EnumLiteral(), comptime wanted: []const u8, comptime Given: type) noreturn {
    @compileError("the option " ++ @tagName(name) ++ " takes " ++ wanted ++ ", not " ++ @typeName(Given));
}
