//! Gives a context up twice that nothing else holds: the first time frees it.

const std = @import("std");
const curlback = @import("curlback");

pub fn main(init: std.process.Init) !void {
    const context = try curlback.context(init.gpa, @as(usize, 0));
    context.release();
    context.release();
}
