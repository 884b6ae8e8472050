//! The compiler refuses it: a URL is no number.

const curlback = @import("curlback");

pub fn main() !void {
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    try easy.set(.URL, 80);
}
