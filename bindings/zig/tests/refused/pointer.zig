//! The compiler refuses it: a context that only points to what callbacks work on keeps nothing alive.

const std = @import("std");
const curlback = @import("curlback");

pub fn main() !void {
    var count: usize = 0;
    const context = try curlback.context(std.heap.page_allocator, &count);
    context.release();
}
