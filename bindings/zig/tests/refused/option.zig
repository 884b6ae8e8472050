//! The compiler refuses it: libcurl has no such option.

const curlback = @import("curlback");

pub fn main() !void {
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    try easy.set(.URI, "http://localhost/");
}
