//! Gives a context up twice, which would leave the callback that it is registered with nothing but freed memory.

const std = @import("std");
const curlback = @import("curlback");

fn write(_: *usize, _: []const u8) void {}

pub fn main(init: std.process.Init) !void {
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    const context = try curlback.context(init.gpa, @as(usize, 0));
    try easy.onWrite(context, write);
    context.release();
    context.release();
}
