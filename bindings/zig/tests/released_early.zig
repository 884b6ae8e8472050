//! Registers a context that was given up, and freed with that.

const std = @import("std");
const curlback = @import("curlback");

fn write(_: *usize, _: []const u8) void {}

pub fn main(init: std.process.Init) !void {
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    const context = try curlback.context(init.gpa, @as(usize, 0));
    context.release();
    try easy.onWrite(context, write);
}
