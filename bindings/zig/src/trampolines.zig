//! What C calls, for each C type of callback: it hands over to `call.call()`.

const std = @import("std");
const c = @import("c");
const types = @import("types.zig");
const result = @import("result.zig");
const machinery = @import("call.zig");
const Kind = machinery.Kind;
const call_zig = machinery.call;
const slice = machinery.slice;
const span = machinery.span;
const Easy = @import("easy.zig").Easy;

const EasyHandle = ?*c.curlback_easy;
const MultiHandle = ?*c.curlback_multi;

pub fn Data(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, data: [*c]const u8, len: usize, user: ?*anyopaque) callconv(.c) i64 {
            return call_zig(kind, T, f, easy, user, .{slice(data, len)});
        }
    };
}

pub fn Read(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, buffer: [*c]u8, capacity: usize, user: ?*anyopaque) callconv(.c) i64 {
            return call_zig(kind, T, f, easy, user, .{@as([]u8, buffer[0..capacity])});
        }
    };
}

pub fn Seek(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, offset: i64, origin: i32, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{ offset, @as(types.Origin, @fromBackingInt(@intCast(origin))) });
        }
    };
}

pub fn Ioctl(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, command: i32, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{@as(types.IoctlCommand, @fromBackingInt(@intCast(command)))});
        }
    };
}

pub fn Debug(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, what: i32, data: [*c]const u8, len: usize, user: ?*anyopaque) callconv(.c) void {
            const args = .{ @as(types.Debug, @fromBackingInt(@intCast(what))), slice(data, len) };
            _ = call_zig(kind, T, f, easy, user, args);
        }
    };
}

pub fn Progress(comptime Number: type) fn (comptime Kind, comptime type, comptime anytype) type {
    return struct {
        fn Trampoline(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
            return struct {
                pub fn call(
                    easy: EasyHandle,
                    download_total: Number,
                    download_now: Number,
                    upload_total: Number,
                    upload_now: Number,
                    user: ?*anyopaque,
                ) callconv(.c) i32 {
                    const progress: types.Progress(Number) = .{
                        .download_total = download_total,
                        .download_now = download_now,
                        .upload_total = upload_total,
                        .upload_now = upload_now,
                    };
                    return call_zig(kind, T, f, easy, user, .{progress});
                }
            };
        }
    }.Trampoline;
}

pub fn OpenSocket(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(
            easy: EasyHandle,
            purpose: i32,
            address: [*c]const types.Address,
            user: ?*anyopaque,
        ) callconv(.c) types.Socket {
            const args = .{ @as(types.Purpose, @fromBackingInt(@intCast(purpose))), @as(*const types.Address, address) };
            return call_zig(kind, T, f, easy, user, args);
        }
    };
}

pub fn CloseSocket(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, socket: types.Socket, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{socket});
        }
    };
}

pub fn Sockopt(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, socket: types.Socket, purpose: i32, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{ socket, @as(types.Purpose, @fromBackingInt(@intCast(purpose))) });
        }
    };
}

pub fn SshKey(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(
            easy: EasyHandle,
            known: [*c]const types.SshKey,
            found: [*c]const types.SshKey,
            match: i32,
            user: ?*anyopaque,
        ) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{
                @as(?*const types.SshKey, known),
                @as(*const types.SshKey, found),
                @as(types.SshMatch, @fromBackingInt(@intCast(match))),
            });
        }
    };
}

pub fn SshHostKey(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, found: [*c]const types.SshKey, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{@as(*const types.SshKey, found)});
        }
    };
}

pub fn Prereq(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(
            easy: EasyHandle,
            primary_ip: [*c]const u8,
            local_ip: [*c]const u8,
            primary_port: i32,
            local_port: i32,
            user: ?*anyopaque,
        ) callconv(.c) i32 {
            const connection: types.Connection = .{
                .primary_ip = span(primary_ip),
                .local_ip = span(local_ip),
                .primary_port = primary_port,
                .local_port = local_port,
            };
            return call_zig(kind, T, f, easy, user, .{connection});
        }
    };
}

pub fn Trailer(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, trailers: ?*c.curlback_trailers, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{types.Trailers{ .handle = trailers.? }});
        }
    };
}

/// resolver_start and chunk_end.
pub fn Plain(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{});
        }
    };
}

pub fn Fnmatch(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(
            easy: EasyHandle,
            pattern: [*c]const u8,
            string: [*c]const u8,
            user: ?*anyopaque,
        ) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{ span(pattern), span(string) });
        }
    };
}

pub fn ChunkBegin(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(
            easy: EasyHandle,
            file: [*c]const types.FileInfo,
            remaining: i32,
            user: ?*anyopaque,
        ) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{ @as(*const types.FileInfo, file), remaining });
        }
    };
}

pub fn SslCtx(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, ssl_ctx: ?*anyopaque, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{@as(*anyopaque, ssl_ctx.?)});
        }
    };
}

pub fn HstsRead(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, slot: ?*c.curlback_hsts_slot, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{types.HstsSlot{ .handle = slot.? }});
        }
    };
}

pub fn HstsWrite(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(
            easy: EasyHandle,
            entry: [*c]const types.HstsEntry,
            index: usize,
            total: usize,
            user: ?*anyopaque,
        ) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{ @as(*const types.HstsEntry, entry), index, total });
        }
    };
}

pub fn WsMessage(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(easy: EasyHandle, flags: i32, data: [*c]const u8, len: usize, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, easy, user, .{ @as(u32, @bitCast(flags)), slice(data, len) });
        }
    };
}

pub fn Done(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(
            multi: MultiHandle,
            easy: EasyHandle,
            ended: c.curlback_result,
            user: ?*anyopaque,
        ) callconv(.c) void {
            _ = call_zig(kind, T, f, multi, user, .{ Easy{ .handle = easy.? }, result.check(ended) });
        }
    };
}

pub fn MultiSocket(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(
            multi: MultiHandle,
            easy: EasyHandle,
            socket: types.Socket,
            what: i32,
            socket_data: ?*anyopaque,
            user: ?*anyopaque,
        ) callconv(.c) i32 {
            const args = .{ optional(easy), socket, @as(types.Poll, @fromBackingInt(@intCast(what))), socket_data };
            return call_zig(kind, T, f, multi, user, args);
        }
    };
}

pub fn MultiTimer(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(multi: MultiHandle, timeout_ms: i64, user: ?*anyopaque) callconv(.c) i32 {
            return call_zig(kind, T, f, multi, user, .{@as(?u63, std.math.cast(u63, timeout_ms))});
        }
    };
}

pub fn MultiNotify(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(multi: MultiHandle, what: i32, easy: EasyHandle, user: ?*anyopaque) callconv(.c) void {
            const args = .{ @as(types.Notification, @fromBackingInt(@intCast(what))), optional(easy) };
            _ = call_zig(kind, T, f, multi, user, args);
        }
    };
}

pub fn MultiPush(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(
            multi: MultiHandle,
            parent: EasyHandle,
            pushed: EasyHandle,
            headers: [*c]const [*c]const u8,
            count: usize,
            user: ?*anyopaque,
        ) callconv(.c) i32 {
            const lines: []const [*:0]const u8 = if (count == 0) &.{} else @ptrCast(headers[0..count]);
            const args = .{ Easy{ .handle = parent.? }, Easy{ .handle = pushed.? }, lines };
            return call_zig(kind, T, f, multi, user, args);
        }
    };
}

pub fn Lock(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(
            share: ?*c.curlback_share,
            easy: EasyHandle,
            what: i32,
            access: i32,
            user: ?*anyopaque,
        ) callconv(.c) void {
            const data: types.ShareData = @fromBackingInt(@intCast(what));
            _ = call_zig(kind, T, f, share, user, .{ optional(easy), data, @as(types.Access, @fromBackingInt(@intCast(access))) });
        }
    };
}

pub fn Unlock(comptime kind: Kind, comptime T: type, comptime f: anytype) type {
    return struct {
        pub fn call(share: ?*c.curlback_share, easy: EasyHandle, what: i32, user: ?*anyopaque) callconv(.c) void {
            _ = call_zig(kind, T, f, share, user, .{ optional(easy), @as(types.ShareData, @fromBackingInt(@intCast(what))) });
        }
    };
}

fn optional(easy: EasyHandle) ?Easy {
    return if (easy) |live| .{ .handle = live } else null;
}
