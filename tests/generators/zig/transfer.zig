//! The header by translate-c.

const std = @import("std");
const c = @import("c");

var stored: [1000]u8 = undefined;

fn write(_: ?*c.curlback_easy, data: [*c]const u8, len: usize, user_data: ?*anyopaque) callconv(.c) i64 {
    const text: *std.ArrayList(u8) = @ptrCast(@alignCast(user_data.?));
    text.appendSliceBounded(data[0..len]) catch return c.CURLBACK_ABORT;
    return c.CURLBACK_ALL;
}

fn drop(user_data: ?*anyopaque) callconv(.c) void {
    const text: *std.ArrayList(u8) = @ptrCast(@alignCast(user_data.?));
    text.clearRetainingCapacity();
    _ = c.printf("dropped\n");
}

fn check(result: c.curlback_result) !void {
    if (result == c.CURLBACK_OK) return;
    _ = c.printf("%s\n", c.curlback_last_error());
    return error.Failed;
}

pub fn main(init: std.process.Init) !void {
    const args = try init.minimal.args.toSlice(init.arena.allocator());
    const easy = c.curlback_easy_new();
    var text: std.ArrayList(u8) = .initBuffer(&stored);
    try check(c.curlback_easy_set_str(easy, c.CURLBACK_OPT_URL, args[1]));
    try check(c.curlback_easy_on_write(easy, write, &text, drop));
    try check(c.curlback_easy_perform(easy));
    _ = c.printf("%.*s", @as(c_int, @intCast(text.items.len)), text.items.ptr);
    try check(c.curlback_easy_close(easy));
    _ = c.fflush(null);
}
