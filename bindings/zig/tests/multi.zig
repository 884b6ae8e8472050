//! Many transfers at once, from several threads.

const std = @import("std");
const curlback = @import("curlback");
const support = @import("support.zig");
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;
const gpa = support.gpa;

/// Stops the loop when so many transfers have ended.
const Engine = struct {
    left: usize,
    failed: usize = 0,

    fn done(engine: *Engine, multi: curlback.Multi, easy: curlback.Easy, result: curlback.Error!void) !void {
        result catch {
            engine.failed += 1;
        };
        try multi.remove(easy);
        easy.deinit();
        engine.left -= 1;
        if (engine.left == 0) try multi.stop();
    }
};

fn runUntilStopped(multi: curlback.Multi, result: *curlback.Error!void) void {
    result.* = multi.run(.until_stopped);
}

fn addSome(multi: curlback.Multi, count: usize, added: *anyerror!void) void {
    added.* = addAll(multi, count);
}

fn addAll(multi: curlback.Multi, count: usize) !void {
    for (0..count) |_| {
        const easy = try support.easyFor("/bytes/1000");
        errdefer easy.deinit();
        const body = try support.newCollector();
        defer body.release();
        try easy.onWrite(body, support.Collector.write);
        try multi.add(easy);
    }
}

test "other threads add transfers to a loop that runs" {
    const multi: curlback.Multi = try .init();
    defer multi.deinit();
    const engine = try curlback.context(gpa, Engine{ .left = 40 });
    defer engine.release();
    try multi.onDone(engine, Engine.done);
    var ran: curlback.Error!void = {};
    const loop = try std.Thread.spawn(.{}, runUntilStopped, .{ multi, &ran });
    var added: [4]anyerror!void = @splat({});
    var threads: [4]std.Thread = undefined;
    for (&threads, &added) |*thread, *result| thread.* = try std.Thread.spawn(.{}, addSome, .{ multi, 10, result });
    for (threads) |thread| thread.join();
    for (added) |result| {
        // Nobody would stop the loop otherwise.
        if (std.meta.isError(result)) try multi.stop();
    }
    loop.join();
    try ran;
    for (added) |result| try result;
    try expectEqual(0, engine.ptr.left);
    try expectEqual(0, engine.ptr.failed);
}

test "a program's own loop performs, polls and asks what is done" {
    const multi: curlback.Multi = try .init();
    defer multi.deinit();
    try multi.set(.MAXCONNECTS, 2);
    var easies: [3]curlback.Easy = undefined;
    inline for (&easies, .{ "/hello", "/bytes/100000", "/status/404" }) |*easy, path| {
        easy.* = try support.easyFor(path);
        try easy.set(.FAILONERROR, true);
        try easy.bodyToMemory(100_000);
        try multi.add(easy.*);
    }
    defer for (easies) |easy| easy.deinit();
    while (try multi.perform() > 0) _ = try multi.poll(&.{}, 1000);
    var ended: usize = 0;
    while (multi.nextDone()) |done| : (ended += 1) {
        if (done.easy.handle == easies[2].handle) {
            try expectError(error.HttpReturnedError, done.result);
        } else {
            try done.result;
        }
    }
    try expectEqual(3, ended);
    try expectEqual(100_000, (try easies[1].body()).len);
    try expectEqual(null, try multi.timeout());
}

fn failDone(_: curlback.Easy, result: curlback.Error!void) !void {
    try result;
    return error.Disappointed;
}

test "an error of a multi handle's callback comes back from run" {
    const multi: curlback.Multi = try .init();
    defer multi.deinit();
    const easy = try support.easyFor("/hello");
    defer easy.deinit();
    try easy.bodyToMemory(100);
    try multi.onDone({}, failDone);
    try multi.add(easy);
    try expectError(error.Disappointed, multi.runAs(.until_done, error{Disappointed}));
}

const Failing = error{ First, Second, Third };

fn failFirst(_: []const u8) !void {
    return error.First;
}
fn failSecond(_: []const u8) !void {
    return error.Second;
}
fn failThird(_: []const u8) !void {
    return error.Third;
}

test "of several errors the first comes back from the call, and each is its own handle's" {
    const multi: curlback.Multi = try .init();
    defer multi.deinit();
    var easies: [3]curlback.Easy = undefined;
    inline for (&easies, .{ failFirst, failSecond, failThird }) |*easy, fail| {
        easy.* = try support.easyFor("/hello");
        try easy.onHeader({}, fail);
        try multi.add(easy.*);
    }
    defer for (easies) |easy| easy.deinit();
    var ended: usize = 0;
    var raised: usize = 0;
    while (ended < easies.len) {
        multi.runAs(.until_done, Failing) catch |err| {
            try expect(err == error.First or err == error.Second or err == error.Third);
            const shown = try multi.failure();
            try expectEqual(shown.cause, (try shown.easy.?.failure()).cause);
            raised += 1;
        };
        while (multi.nextDone()) |done| : (ended += 1) try expectError(error.Raised, done.result);
    }
    try expect(raised >= 1 and raised <= 3);
    for (easies, [_]Failing{ error.First, error.Second, error.Third }) |easy, own| {
        try expectEqual(own, (try easy.failure()).cause.?);
    }
}

fn failTimer(failed: *bool, _: ?u63) !void {
    if (failed.*) return;
    failed.* = true;
    return error.NoTimers;
}

test "an error of onTimer ends every transfer" {
    const multi: curlback.Multi = try .init();
    defer multi.deinit();
    const easy = try support.easyFor("/hang");
    defer easy.deinit();
    try multi.add(easy);
    const failed = try curlback.context(gpa, false);
    defer failed.release();
    try multi.onTimer(failed, failTimer);
    try expectError(error.NoTimers, multi.runAs(.until_done, error{NoTimers}));
    try expectEqual(.multi_timer, (try multi.failure()).callback);
    try expectError(error.AbortedByCallback, multi.nextDone().?.result);
    try expect(multi.curl() != null and easy.curl() != null);
}

/// An event loop by poll().
const Loop = struct {
    sockets: std.array_hash_map.Auto(curlback.Socket, curlback.Poll) = .empty,
    timeout: ?u63 = null,

    fn onSocket(loop: *Loop, _: ?curlback.Easy, socket: curlback.Socket, what: curlback.Poll, _: ?*anyopaque) !void {
        if (what == .remove) {
            _ = loop.sockets.swapRemove(socket);
        } else {
            try loop.sockets.put(gpa, socket, what);
        }
    }
    fn onTimer(loop: *Loop, milliseconds: ?u63) void {
        loop.timeout = milliseconds;
    }
    pub fn deinit(loop: *Loop, allocator: std.mem.Allocator) void {
        loop.sockets.deinit(allocator);
    }

    fn turn(loop: *Loop, multi: curlback.Multi) !u32 {
        var fds: [8]std.c.pollfd = undefined;
        const count = loop.sockets.count();
        for (loop.sockets.keys(), loop.sockets.values(), fds[0..count]) |socket, what, *fd| {
            const in: i16 = if (what == .in or what == .in_out) std.c.POLL.IN else 0;
            const out: i16 = if (what == .out or what == .in_out) std.c.POLL.OUT else 0;
            fd.* = .{ .fd = @intCast(socket), .events = in | out, .revents = 0 };
        }
        const wait: c_int = if (loop.timeout) |ms| @intCast(@min(ms, 1000)) else 1000;
        if (std.c.poll(&fds, @intCast(count), wait) == 0) return multi.timeoutAction();
        var running: u32 = 0;
        for (fds[0..count]) |fd| {
            if (fd.revents != 0) running = try multi.socketAction(fd.fd, 0);
        }
        return running;
    }
};

test "somebody else's loop drives transfers by onSocket and onTimer" {
    const multi: curlback.Multi = try .init();
    defer multi.deinit();
    const loop = try curlback.context(gpa, Loop{});
    defer loop.release();
    try multi.onSocket(loop, Loop.onSocket);
    try multi.onTimer(loop, Loop.onTimer);
    const easy = try support.easyFor("/bytes/50000");
    defer easy.deinit();
    try easy.bodyToMemory(50_000);
    try multi.add(easy);
    while (try loop.ptr.turn(multi) > 0) {}
    try multi.nextDone().?.result;
    try expectEqual(50_000, (try easy.body()).len);
}

fn accept(_: curlback.Easy, _: curlback.Easy, headers: []const [*:0]const u8) curlback.Push {
    return if (headers.len > 0) .ok else .deny;
}

fn heard(_: *u8, _: curlback.Multi, _: curlback.Notification, _: ?curlback.Easy) void {}

test "the other callbacks of a multi handle can be registered, and unset" {
    const multi: curlback.Multi = try .init();
    defer multi.deinit();
    const context = try curlback.context(gpa, @as(u8, 0));
    defer context.release();
    try multi.onPush({}, accept);
    try multi.unsetCallback(.multi_push);
    multi.onNotify(context, heard) catch |err| return expectEqual(error.Unsupported, err);
    try multi.notify(.easy_done, true);
    try multi.unsetCallback(.multi_notify);
    try expectEqual(0, try multi.waitFds(&.{}));
}

const Locks = struct {
    locked: usize = 0,
    unlocked: usize = 0,

    fn lock(locks: *Locks, _: ?curlback.Easy, _: curlback.ShareData, _: curlback.Access) void {
        locks.locked += 1;
    }
    fn unlock(locks: *Locks, _: curlback.Share, _: ?curlback.Easy, _: curlback.ShareData) void {
        locks.unlocked += 1;
    }
};

test "a share gives one handle's cookies to another, under the application's locks" {
    const share: curlback.Share = try .init();
    defer share.deinit();
    const locks = try curlback.context(gpa, Locks{});
    defer locks.release();
    try share.onLock(locks, Locks.lock, Locks.unlock);
    try share.add(.cookies);
    inline for (.{ "/cookies", "/request-headers" }) |path| {
        const easy = try support.easyFor(path);
        defer easy.deinit();
        try easy.set(.COOKIEFILE, "");
        try easy.setShare(share);
        try easy.bodyToMemory(10_000);
        try easy.perform();
        if (path.len > 10) try expect(std.ascii.findIgnoreCase(try easy.body(), "cookie: ") != null);
    }
    try share.close();
    try expect(locks.ptr.locked > 2);
    try expectEqual(locks.ptr.locked, locks.ptr.unlocked);
}

const Canceller = struct {
    started: std.atomic.Value(bool) = .init(false),

    fn write(canceller: *Canceller, easy: curlback.Easy, _: []const u8) !void {
        if (canceller.started.swap(true, .acq_rel)) return;
        (try std.Thread.spawn(.{}, cancel, .{easy})).detach();
    }
    fn cancel(easy: curlback.Easy) void {
        easy.cancel() catch {};
    }
};

test "another thread cancels a transfer that waits" {
    const easy = try support.easyFor("/stall");
    defer easy.deinit();
    const canceller = try curlback.context(gpa, Canceller{});
    defer canceller.release();
    try easy.onHeader(canceller, Canceller.write);
    try expectError(error.Cancelled, easy.perform());
}
