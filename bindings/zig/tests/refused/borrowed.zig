//! The compiler refuses it: a context on the stack could be gone before its callback is.

const curlback = @import("curlback");

fn write(_: *usize, _: []const u8) void {}

pub fn main() !void {
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    var count: usize = 0;
    try easy.onWrite(&count, write);
}
