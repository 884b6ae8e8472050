//! Shares: what handles have in common.

const c = @import("c");
const types = @import("types.zig");
const results = @import("result.zig");
const contexts = @import("context.zig");
const machinery = @import("call.zig");
const trampolines = @import("trampolines.zig");
const Easy = @import("easy.zig").Easy;
const Kind = machinery.Kind;
const Error = results.Error;
const check = results.check;

/// What handles have in common: `Easy.setShare()`. It locks by itself.
pub const Share = struct {
    handle: *c.curlback_share,

    pub fn init() Error!Share {
        return .{ .handle = c.curlback_share_new() orelse return error.OutOfMemory };
    }

    /// Gives it up: it goes as soon as no handle uses it any more.
    pub fn deinit(share: Share) void {
        c.curlback_share_release(share.handle);
    }

    /// Closes it now, or says why that cannot be.
    pub fn close(share: Share) Error!void {
        return check(c.curlback_share_close(share.handle));
    }

    pub fn add(share: Share, what: types.ShareData) Error!void {
        return check(c.curlback_share_add(share.handle, @backingInt(what)));
    }

    pub fn remove(share: Share, what: types.ShareData) Error!void {
        return check(c.curlback_share_remove(share.handle, @backingInt(what)));
    }

    /// Locks by the application's functions, (?Easy, ShareData, Access) void and (?Easy, ShareData) void: with the context
    /// first and, if they want that, the Share after it. They are called on every thread that transfers.
    pub fn onLock(share: Share, context: anytype, comptime lock: anytype, comptime unlock: anytype) Error!void {
        const T = contexts.Registered(@TypeOf(context), "onLock");
        const locking: Kind = .{
            .name = "onLock",
            .Handle = Share,
            .args = &.{ ?Easy, types.ShareData, types.Access },
            .can_fail = false,
        };
        const unlocking: Kind = .{
            .name = "onLock",
            .Handle = Share,
            .args = &.{ ?Easy, types.ShareData },
            .can_fail = false,
        };
        const on_lock = trampolines.Lock(locking, T, lock).call;
        const on_unlock = trampolines.Unlock(unlocking, T, unlock).call;
        const set = c.curlback_share_on_lock;
        if (T == void) return check(set(share.handle, on_lock, on_unlock, null, null));
        const user_data = context.retain();
        errdefer @TypeOf(context).drop(user_data);
        return check(set(share.handle, on_lock, on_unlock, user_data, @TypeOf(context).drop));
    }

    /// Has the library's own locks again, and drops the context.
    pub fn unsetLock(share: Share) Error!void {
        return check(c.curlback_share_on_lock(share.handle, null, null, null, null));
    }
};
