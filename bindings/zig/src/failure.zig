//! How a transfer went.

const std = @import("std");
const c = @import("c");
const types = @import("types.zig");
const results = @import("result.zig");
const machinery = @import("call.zig");
const Easy = @import("easy.zig").Easy;

/// How a transfer went. The strings are there until the handle's next perform, reset or close.
pub const Failure = struct {
    /// What perform returned, or the multi handle reported.
    result: results.Error!void,
    /// libcurl's own result.
    curl: results.Error!void,
    /// The callback that raised, or else whose return ended the transfer.
    callback: types.Callback,
    /// The error that the callback returned.
    cause: ?anyerror,
    /// The number that was raised; 0 where the callback returned an error.
    code: i32,
    /// The system's errno of a transfer that failed, where libcurl knows one.
    os_errno: i32,
    /// What the callback raised, or the name of the error that it returned.
    message: [:0]const u8,
    /// libcurl's own sentence.
    curl_message: [:0]const u8,
    /// The handle in whose callback it was raised.
    easy: ?Easy,

    pub fn from(record: c.curlback_error) Failure {
        const returned = record.severity == c.CURLBACK_RAISE_INTERRUPT and record.code == machinery.error_code;
        return .{
            .result = results.check(record.result),
            .curl = results.check(record.curl_code),
            .callback = @fromBackingInt(@intCast(record.callback)),
            .cause = if (returned) cause(record.payload) else null,
            .code = if (returned) 0 else record.code,
            .os_errno = record.os_errno,
            .message = machinery.span(record.message),
            .curl_message = machinery.span(record.curl_message),
            .easy = if (record.easy) |handle| .{ .handle = handle } else null,
        };
    }

    /// The sentence that says most; "" after success.
    pub fn reason(failure: Failure) [:0]const u8 {
        return if (failure.message.len > 0) failure.message else failure.curl_message;
    }

    pub fn format(failure: Failure, writer: *std.Io.Writer) std.Io.Writer.Error!void {
        try writer.writeAll(failure.reason());
        if (failure.callback != .none) try writer.print(" (in the {t} callback)", .{failure.callback});
    }
};

fn cause(payload: ?*anyopaque) ?anyerror {
    const number = std.math.cast(@Int(.unsigned, @bitSizeOf(anyerror)), @intFromPtr(payload)) orelse return null;
    return if (number == 0) null else @errorFromInt(number);
}

/// As `err`, but with the callback's own error in place of `error.Raised` where that is one of `Own`.
pub fn own(comptime Own: type, err: results.Error, failure: Failure) (results.Error || Own) {
    if (err == error.Raised) {
        if (failure.cause) |found| {
            for (std.meta.tags(Own)) |known| {
                if (found == known) return known;
            }
        }
    }
    return err;
}
