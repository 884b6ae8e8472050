//! Transfers with one easy handle, their callbacks and their errors.

const std = @import("std");
const curlback = @import("curlback");
const support = @import("support.zig");
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;
const expectError = std.testing.expectError;
const expectEqualStrings = std.testing.expectEqualStrings;
const gpa = support.gpa;

test "a body and its headers arrive in contexts" {
    const easy = try support.easyFor("/hello");
    defer easy.deinit();
    const body = try support.newCollector();
    defer body.release();
    const headers = try support.newCollector();
    defer headers.release();
    try easy.onWrite(body, support.Collector.write);
    try easy.onHeader(headers, support.Collector.write);
    try easy.perform();
    try expectEqualStrings("hello, world\n", body.ptr.text.items);
    try expect(std.mem.startsWith(u8, headers.ptr.text.items, "HTTP/1.1 200 OK\r\n"));
    try expectEqual(200, try easy.get(.RESPONSE_CODE));
    try expect(std.mem.endsWith(u8, (try easy.get(.EFFECTIVE_URL)).?, "/hello"));
    try expect(try easy.get(.TOTAL_TIME) > 0);
    try (try easy.failure()).result;
}

var drops: usize = 0;

const Dropped = struct {
    calls: usize = 0,

    fn write(dropped: *Dropped, _: []const u8) void {
        dropped.calls += 1;
    }

    pub fn deinit(_: *Dropped) void {
        drops += 1;
    }
};

test "a context goes when its last holder lets go: replaced, unset, closed, and the caller" {
    drops = 0;
    const easy = try support.easyFor("/hello");
    defer easy.deinit();
    for (0..3) |round| {
        const context = try curlback.context(gpa, Dropped{});
        try easy.onWrite(context, Dropped.write);
        context.release();
        try expectEqual(round, drops);
    }
    try easy.perform();
    try easy.unsetCallback(.write);
    try expectEqual(3, drops);

    const shared = try curlback.context(gpa, Dropped{});
    try easy.onWrite(shared, Dropped.write);
    try easy.onHeader(shared, Dropped.write);
    const copy = try easy.duplicate();
    try easy.close();
    try copy.perform();
    try expect(shared.ptr.calls > 2);
    try copy.close();
    try expectEqual(3, drops);
    shared.release();
    try expectEqual(4, drops);
}

test "a registration that fails leaves the context with its caller" {
    drops = 0;
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    const context = try curlback.context(gpa, Dropped{});
    try easy.bodyToMemory(100);
    try expectError(error.Exclusive, easy.onWrite(context, Dropped.write));
    try expect(std.mem.find(u8, curlback.lastError(), "body_to_memory") != null);
    try expectEqual(0, drops);
    context.release();
    try expectEqual(1, drops);
}

fn tooBig(_: []const u8) error{ TooBig, Odd }!void {
    return error.TooBig;
}

test "an error of a callback comes back as it was" {
    const easy = try support.easyFor("/hello");
    defer easy.deinit();
    try easy.onWrite({}, tooBig);
    try expectError(error.Raised, easy.perform());
    try expectError(error.TooBig, easy.performAs(error{TooBig}));
    try expectError(error.Raised, easy.performAs(error{Odd}));
    const failure = try easy.failure();
    try expectEqual(error.TooBig, failure.cause.?);
    try expectEqual(.write, failure.callback);
    try std.testing.expectFmt("TooBig (in the write callback)", "{f}", .{failure});
}

fn withSentence(easy: curlback.Easy, _: []const u8) !void {
    return easy.raise(error.TooBig, "more than nothing");
}

test "an error of a callback can have a sentence" {
    const easy = try support.easyFor("/hello");
    defer easy.deinit();
    try easy.onWrite({}, withSentence);
    try expectError(error.TooBig, easy.performAs(error{TooBig}));
    try expectEqualStrings("more than nothing", (try easy.failure()).reason());
}

fn failing(easy: curlback.Easy, _: []const u8) !curlback.Data {
    try easy.explain(7, "the disk is full");
    return .abort;
}

test "a failing answer ends with libcurl's result and the reason" {
    const easy = try support.easyFor("/hello");
    defer easy.deinit();
    try easy.onWrite({}, failing);
    try expectError(error.WriteError, easy.perform());
    const failure = try easy.failure();
    try expectEqual(7, failure.code);
    try expectEqual(null, failure.cause);
    try expectEqualStrings("the disk is full", failure.message);
}

const Source = struct {
    text: []const u8,
    position: usize = 0,
    rewinds: usize = 0,

    fn read(source: *Source, buffer: []u8) usize {
        // In small pieces, so that there are several calls.
        const count = @min(buffer.len, source.text.len - source.position, 5);
        @memcpy(buffer[0..count], source.text[source.position..][0..count]);
        source.position += count;
        return count;
    }

    fn seek(source: *Source, offset: i64, origin: curlback.Origin) !curlback.Seek {
        if (origin != .start) return .fail;
        source.position = @intCast(offset);
        source.rewinds += 1;
        return .ok;
    }
};

test "an upload is read, and read again after a redirect" {
    const easy = try support.easyFor("/redirect307");
    defer easy.deinit();
    const source = try curlback.context(gpa, Source{ .text = "what is to be sent" });
    defer source.release();
    try easy.set(.UPLOAD, true);
    try easy.set(.FOLLOWLOCATION, true);
    try easy.set(.INFILESIZE_LARGE, 18);
    try easy.onRead(source, Source.read);
    try easy.onSeek(source, Source.seek);
    try easy.bodyToMemory(100);
    try easy.perform();
    try expectEqualStrings("what is to be sent", try easy.body());
    try expect(source.ptr.rewinds > 0);
}

test "options take what their type is, and lists" {
    const easy = try support.easyFor("/echo");
    defer easy.deinit();
    try easy.set(.HTTPHEADER, &.{ "Content-Type: text/plain", "X-One: 1" });
    const fields: []const u8 = "a=b";
    try easy.set(.POSTFIELDS, fields);
    try easy.bodyToMemory(100);
    try easy.headerToMemory(10_000);
    try easy.perform();
    try expectEqualStrings("a=b", try easy.body());
    try expect(std.ascii.findIgnoreCase(try easy.header(), "\r\nx-content-type: text/plain\r\n") != null);
    try easy.unset(.HTTPHEADER);
    try expectError(error.Range, easy.set(.PORT, 1 << 40));
}

test "an info that is a list comes with its strings" {
    const easy = try support.easyFor("/cookies");
    defer easy.deinit();
    try easy.set(.COOKIEFILE, "");
    try easy.bodyToMemory(1000);
    try easy.perform();
    const cookies = try easy.get(.COOKIELIST);
    defer cookies.deinit();
    try expect(cookies.len() > 0);
    var count: usize = 0;
    var strings = cookies.iterator();
    while (strings.next()) |cookie| : (count += 1) try expect(cookie.len > 10);
    try expectEqual(cookies.len(), count);
    try expectEqual(null, cookies.get(count));
}

const Watcher = struct {
    texts: usize = 0,
    headers: usize = 0,
    last: i64 = 0,
    socket: curlback.Socket = -1,
    connections: usize = 0,

    fn debug(watcher: *Watcher, what: curlback.Debug, data: []const u8) void {
        switch (what) {
            .text => watcher.texts += 1,
            .header_in => watcher.headers += data.len,
            else => {},
        }
    }
    fn progress(watcher: *Watcher, easy: curlback.Easy, now: curlback.Progress(i64)) !void {
        _ = try easy.get(.RESPONSE_CODE);
        watcher.last = now.download_now;
    }
    fn open(_: *Watcher, purpose: curlback.Purpose, address: *const curlback.Address) curlback.OpenSocket {
        return if (purpose == .connect and address.port != 0) .default else .bad;
    }
    fn sockopt(watcher: *Watcher, socket: curlback.Socket, _: curlback.Purpose) curlback.Sockopt {
        watcher.socket = socket;
        return .ok;
    }
    fn close(watcher: *Watcher, socket: curlback.Socket) void {
        if (watcher.socket == socket) watcher.socket = -2;
        _ = std.c.close(@intCast(socket));
    }
    fn prereq(watcher: *Watcher, connection: curlback.Connection) !void {
        if (!std.mem.eql(u8, connection.primary_ip, "127.0.0.1")) return error.Elsewhere;
        watcher.connections += 1;
    }
    fn resolving(_: *const Watcher) void {}
};

test "what watches a transfer is called with Zig's types" {
    const easy = try support.easyFor("/bytes/100000");
    const watcher = try curlback.context(gpa, Watcher{});
    defer watcher.release();
    try easy.bodyToMemory(100_000);
    try easy.onDebug(watcher, Watcher.debug);
    try easy.onXferinfo(watcher, Watcher.progress);
    try easy.onOpenSocket(watcher, Watcher.open);
    try easy.onSockopt(watcher, Watcher.sockopt);
    try easy.onCloseSocket(watcher, Watcher.close);
    try easy.onPrereq(watcher, Watcher.prereq);
    try easy.onResolverStart(watcher, Watcher.resolving);
    try easy.perform();
    try easy.close();
    try expect(watcher.ptr.texts > 0 and watcher.ptr.headers > 10);
    try expectEqual(100_000, watcher.ptr.last);
    try expectEqual(1, watcher.ptr.connections);
    try expectEqual(-2, watcher.ptr.socket);
}

fn refuseAll(_: curlback.Purpose, _: *const curlback.Address) curlback.OpenSocket {
    return .bad;
}

test "an address is refused" {
    const easy = try support.easyFor("/hello");
    defer easy.deinit();
    try easy.onOpenSocket({}, refuseAll);
    try expectError(error.CouldntConnect, easy.perform());
    try expectEqual(.open_socket, (try easy.failure()).callback);
}

fn trailer(trailers: curlback.Trailers) !void {
    try trailers.add("X-Checksum: 42");
}

test "trailers follow an upload in chunks" {
    if (!curlback.hasCallback(.trailer)) {
        std.debug.print("skipped: trailers, which this libcurl lacks\n", .{});
        return;
    }
    const easy = try support.easyFor("/echo");
    defer easy.deinit();
    const source = try curlback.context(gpa, Source{ .text = "body" });
    defer source.release();
    try easy.set(.POST, true);
    try easy.set(.HTTPHEADER, &.{"Transfer-Encoding: chunked"});
    try easy.onRead(source, Source.read);
    try easy.onTrailer({}, trailer);
    try easy.bodyToMemory(100);
    try easy.headerToMemory(10_000);
    try easy.perform();
    try expect(std.ascii.findIgnoreCase(try easy.header(), "\r\nx-got-trailer-x-checksum: 42\r\n") != null);
}

test "every callback of an easy handle can be registered" {
    const All = struct {
        fn fnmatch(_: *const u8, pattern: [:0]const u8, string: [:0]const u8) bool {
            return std.mem.eql(u8, pattern, string);
        }
        fn begin(_: *u8, file: *const curlback.FileInfo, _: i32) curlback.Chunk {
            return if (file.size > 0) .ok else .skip;
        }
        fn end(_: *u8) void {}
        fn known(_: *u8, key: ?*const curlback.SshKey, _: *const curlback.SshKey, match: curlback.SshMatch) !curlback.SshVerdict {
            return if (key != null and match == .match) .accept else .reject;
        }
        fn host(_: *u8, found: *const curlback.SshKey) curlback.SshVerdict {
            return if (found.len > 0) .accept else .reject;
        }
        fn ctx(_: *u8, _: *anyopaque) !void {}
        fn fill(_: *u8, slot: curlback.HstsSlot) !curlback.Hsts {
            try slot.fill("example.com", std.math.maxInt(i64), true);
            return .done;
        }
        fn entry(_: *u8, _: *const curlback.HstsEntry, _: usize, _: usize) void {}
        fn message(_: *u8, _: u32, _: []const u8) !void {}
        fn old(_: *u8, _: curlback.Progress(f64)) void {}
        fn ioctl(_: *u8, command: curlback.IoctlCommand) curlback.Ioctl {
            return if (command == .restart_read) .ok else .unknown_command;
        }
        fn packet(_: *u8, _: []const u8) curlback.Data {
            return .all;
        }
        fn read(_: *u8, _: []u8) curlback.Read {
            return .pause;
        }
    };
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    const context = try curlback.context(gpa, @as(u8, 0));
    defer context.release();
    const results = [_]curlback.Error!void{
        easy.onFnmatch(context, All.fnmatch),      easy.onChunkBegin(context, All.begin),
        easy.onChunkEnd(context, All.end),         easy.onSshKey(context, All.known),
        easy.onSshHostKey(context, All.host),      easy.onSslCtx(context, All.ctx),
        easy.onHstsRead(context, All.fill),        easy.onHstsWrite(context, All.entry),
        easy.onWsMessage(9, context, All.message), easy.onProgress(context, All.old),
        easy.onIoctl(context, All.ioctl),          easy.onInterleave(context, All.packet),
        easy.onRead(context, All.read),
    };
    for (results) |result| result catch |err| try expectEqual(error.Unsupported, err);
    inline for (.{ .fnmatch, .hsts_read, .hsts_write, .ws_message, .read }) |callback| {
        easy.unsetCallback(callback) catch |err| try expectEqual(error.Unsupported, err);
    }
}

test "private data are found wherever the handle is" {
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    try expectEqual(null, easy.private(u32));
    const number = try curlback.context(gpa, @as(u32, 42));
    try easy.setPrivate(number);
    number.release();
    try expectEqual(42, easy.private(u32).?.*);
    try easy.setPrivate({});
    try expectEqual(null, easy.private(u32));
}

test "a handle that is gone is an error" {
    const easy: curlback.Easy = try .init();
    easy.deinit();
    try expectError(error.Handle, easy.perform());
    easy.deinit();
}

const Form = struct {
    source: Source = .{ .text = "from a callback" },

    fn read(form: *Form, buffer: []u8) usize {
        return form.source.read(buffer);
    }
    fn seek(form: *Form, offset: i64, origin: curlback.Origin) !curlback.Seek {
        return form.source.seek(offset, origin);
    }
};

test "a form is sent in parts, one of them from a callback" {
    const easy = try support.easyFor("/multipart");
    defer easy.deinit();
    const mime: curlback.Mime = try .init(easy);
    defer mime.deinit();
    const plain = try mime.add();
    try plain.name("plain");
    try plain.data("some text");
    const form = try curlback.context(gpa, Form{});
    defer form.release();
    const called = try mime.add();
    try called.name("called");
    try called.filename("called.txt");
    try called.mimeType("text/plain");
    try called.callbacks(15, form, Form.read, Form.seek);
    try easy.setMime(mime);
    try easy.bodyToMemory(10_000);
    try easy.perform();
    const description = try easy.body();
    for ([_][]const u8{ "plain", "some text", "called.txt", "from a callback" }) |text| {
        if (std.mem.find(u8, description, text) == null) {
            std.debug.print("{s} is not in {s}\n", .{ text, description });
            return error.TestUnexpectedResult;
        }
    }
    try expectError(error.InUse, mime.close());
}
