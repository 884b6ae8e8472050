//! The compiler refuses it: the function takes something else than the callback is called with.

const std = @import("std");
const curlback = @import("curlback");

fn write(_: *usize, _: []u8) void {}

pub fn main() !void {
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    const context = try curlback.context(std.heap.page_allocator, @as(usize, 0));
    defer context.release();
    try easy.onWrite(context, write);
}
