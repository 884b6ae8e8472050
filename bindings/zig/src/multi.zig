//! Multi handles: many transfers at once.

const std = @import("std");
const c = @import("c");
const types = @import("types.zig");
const results = @import("result.zig");
const options = @import("option.zig");
const contexts = @import("context.zig");
const failures = @import("failure.zig");
const machinery = @import("call.zig");
const trampolines = @import("trampolines.zig");
const Easy = @import("easy.zig").Easy;
const Error = results.Error;
const Kind = machinery.Kind;
const check = results.check;

/// A handle for many transfers at once, which one thread drives at a time; others may add, remove, cancel, pause and stop.
pub const Multi = struct {
    handle: *c.curlback_multi,

    pub fn init() Error!Multi {
        return .{ .handle = c.curlback_multi_new() orelse return error.OutOfMemory };
    }

    /// Closes it, as soon as nothing runs on it. Its easy handles leave it and live on.
    pub fn deinit(multi: Multi) void {
        c.curlback_multi_release(multi.handle);
    }

    /// Closes it now, or says why that cannot be.
    pub fn close(multi: Multi) Error!void {
        return check(c.curlback_multi_close(multi.handle));
    }

    /// The CURLM pointer underneath, for what this package lacks; null where it is refused. curlback.h says what must be left alone.
    pub fn curl(multi: Multi) ?*anyopaque {
        return c.curlback_multi_curl(multi.handle);
    }

    /// From any thread while another is in `run()`.
    pub fn add(multi: Multi, easy: Easy) Error!void {
        return check(c.curlback_multi_add(multi.handle, easy.handle));
    }

    /// From any thread while another is in `run()`.
    pub fn remove(multi: Multi, easy: Easy) Error!void {
        return check(c.curlback_multi_remove(multi.handle, easy.handle));
    }

    /// Runs the transfers on the calling thread.
    pub fn run(multi: Multi, until: types.Run) Error!void {
        return check(c.curlback_multi_run(multi.handle, @backingInt(until)));
    }

    /// From any thread: makes `run()` return soon.
    pub fn stop(multi: Multi) Error!void {
        return check(c.curlback_multi_stop(multi.handle));
    }

    /// From any thread: makes `poll()` return.
    pub fn wakeup(multi: Multi) Error!void {
        return check(c.curlback_multi_wakeup(multi.handle));
    }

    /// Does what can be done without waiting; returns how many transfers are under way.
    pub fn perform(multi: Multi) Error!u32 {
        var running: i32 = 0;
        try check(c.curlback_multi_perform(multi.handle, &running));
        return @intCast(running);
    }

    /// Waits for something to do; returns how many descriptors there are news of.
    pub fn poll(multi: Multi, extra: []types.WaitFd, timeout_ms: u31) Error!u32 {
        var ready: i32 = 0;
        const fds: [*c]types.WaitFd = if (extra.len == 0) null else extra.ptr;
        try check(c.curlback_multi_poll(multi.handle, fds, extra.len, timeout_ms, &ready));
        return @intCast(ready);
    }

    /// What to wait for in a loop of one's own kind: fills what fits, and returns how many there are.
    pub fn waitFds(multi: Multi, fds: []types.WaitFd) Error!usize {
        var count: usize = 0;
        try check(c.curlback_multi_wait_fds(multi.handle, fds.ptr, fds.len, &count));
        return count;
    }

    pub fn socketAction(multi: Multi, socket: types.Socket, events: i32) Error!u32 {
        var running: i32 = 0;
        try check(c.curlback_multi_socket_action(multi.handle, socket, events, &running));
        return @intCast(running);
    }

    /// The time has come that onTimer was told.
    pub fn timeoutAction(multi: Multi) Error!u32 {
        return multi.socketAction(c.CURLBACK_SOCKET_TIMEOUT, 0);
    }

    /// In how many milliseconds libcurl wants to be called; null where it does not.
    pub fn timeout(multi: Multi) Error!?u63 {
        var timeout_ms: i64 = -1;
        try check(c.curlback_multi_timeout(multi.handle, &timeout_ms));
        return std.math.cast(u63, timeout_ms);
    }

    /// A transfer that has ended, and with what; null where there is no further one.
    pub fn nextDone(multi: Multi) ?Done {
        var easy: ?*c.curlback_easy = null;
        var result: c.curlback_result = 0;
        if (!c.curlback_multi_next_done(multi.handle, &easy, &result)) return null;
        return .{ .easy = .{ .handle = easy.? }, .result = check(result) };
    }

    pub const Done = struct { easy: Easy, result: Error!void };

    /// Sets a multi option by libcurl's name, `.MAXCONNECTS` say.
    pub fn set(multi: Multi, comptime name: @EnumLiteral(), value: i64) Error!void {
        return check(c.curlback_multi_set_int(multi.handle, comptime options.multiOption(name), value));
    }

    /// Why the last call that drove it was interrupted. Where several callbacks returned errors in it that is the first: `Easy.failure()` has
    /// those of easy handles, and each of the multi handle's own comes out of one of the next calls.
    pub fn failure(multi: Multi) Error!failures.Failure {
        var record: c.curlback_error = undefined;
        try check(c.curlback_multi_error(multi.handle, &record));
        return .from(record);
    }

    /// As `run()`, but an error of the set `Own` that a callback returned comes back as it was.
    pub fn runAs(multi: Multi, until: types.Run, comptime Own: type) (Error || Own)!void {
        multi.run(until) catch |err| return failures.own(Own, err, try multi.failure());
    }

    /// As `Easy.raise()`, for the callbacks of a multi handle.
    pub fn raise(multi: Multi, err: anytype, message: [:0]const u8) @TypeOf(err) {
        machinery.raise(multi.handle, err, message);
        return err;
    }

    /// Switches a notification on or off.
    pub fn notify(multi: Multi, notification: types.Notification, enabled: bool) Error!void {
        return check(c.curlback_multi_notify(multi.handle, @backingInt(notification), enabled));
    }

    /// Keeps a context with a socket that onSocket was called for; {} for none.
    pub fn assign(multi: Multi, socket: types.Socket, context: anytype) Error!void {
        const T = contexts.Registered(@TypeOf(context), "assign");
        if (T == void) return check(c.curlback_multi_assign(multi.handle, socket, null, null));
        const user_data = context.retain();
        errdefer @TypeOf(context).drop(user_data);
        return check(c.curlback_multi_assign(multi.handle, socket, user_data, @TypeOf(context).drop));
    }

    /// The value of the context that `assign()` kept, which must be a T.
    pub fn assigned(comptime T: type, socket_data: ?*anyopaque) ?*T {
        return contexts.Context(T).value(socket_data orelse return null);
    }

    // Callbacks: as those of Easy, with the Multi after the context if they want that.

    /// (Easy, Error!void) !void, when a transfer has ended.
    pub fn onDone(multi: Multi, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "onDone", .Handle = Multi, .args = &.{ Easy, Error!void } };
        return multi.register(kind, trampolines.Done, c.curlback_multi_on_done, context, f);
    }
    /// (?Easy, Socket, Poll, ?*anyopaque socket_data) !void. An error ends every transfer.
    pub fn onSocket(multi: Multi, context: anytype, comptime f: anytype) Error!void {
        const args = &.{ ?Easy, types.Socket, types.Poll, ?*anyopaque };
        const kind: Kind = .{ .name = "onSocket", .Handle = Multi, .args = args, .failure = -1 };
        return multi.register(kind, trampolines.MultiSocket, c.curlback_multi_on_socket, context, f);
    }
    /// (?u63 milliseconds) !void; null: no call is wanted any more. An error ends every transfer.
    pub fn onTimer(multi: Multi, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "onTimer", .Handle = Multi, .args = &.{?u63}, .failure = -1 };
        return multi.register(kind, trampolines.MultiTimer, c.curlback_multi_on_timer, context, f);
    }
    /// (Notification, ?Easy) !void.
    pub fn onNotify(multi: Multi, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{ .name = "onNotify", .Handle = Multi, .args = &.{ types.Notification, ?Easy } };
        return multi.register(kind, trampolines.MultiNotify, c.curlback_multi_on_notify, context, f);
    }
    /// (Easy parent, Easy pushed, []const [*:0]const u8 headers) !Push.
    pub fn onPush(multi: Multi, context: anytype, comptime f: anytype) Error!void {
        const kind: Kind = .{
            .name = "onPush",
            .Handle = Multi,
            .args = &.{ Easy, Easy, []const [*:0]const u8 },
            .answers = &.{types.Push},
            .silent = false,
            .failure = c.CURLBACK_PUSH_ERROR,
        };
        return multi.register(kind, trampolines.MultiPush, c.curlback_multi_on_push, context, f);
    }

    /// Unsets a callback, `.multi_done` say, and drops its context.
    pub fn unsetCallback(multi: Multi, comptime callback: types.Callback) Error!void {
        const prefix = "multi_";
        if (comptime !std.mem.startsWith(u8, @tagName(callback), prefix)) {
            @compileError("a multi handle has no callback " ++ @tagName(callback));
        }
        const set_callback = @field(c, "curlback_multi_on_" ++ @tagName(callback)[prefix.len..]);
        return check(set_callback(multi.handle, null, null, null));
    }

    fn register(
        multi: Multi,
        comptime kind: Kind,
        comptime Trampoline: fn (comptime Kind, comptime type, comptime anytype) type,
        install: anytype,
        context: anytype,
        comptime f: anytype,
    ) Error!void {
        return check(machinery.register(kind, Trampoline, install, .{multi.handle}, context, f));
    }
};
