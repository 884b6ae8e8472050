//! The compiler refuses it: a read callback has to say how much it read.

const curlback = @import("curlback");

fn read(_: []u8) !void {}

pub fn main() !void {
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    try easy.onRead({}, read);
}
