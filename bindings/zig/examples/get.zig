const std = @import("std");
const curlback = @import("curlback");

const Counter = struct {
    bytes: usize = 0,

    fn count(counter: *Counter, data: []const u8) !void {
        if (counter.bytes + data.len > 1_000_000) return error.TooBig;
        counter.bytes += data.len;
    }
};

pub fn main(init: std.process.Init) !void {
    const args = try init.minimal.args.toSlice(init.arena.allocator());
    const easy: curlback.Easy = try .init();
    defer easy.deinit();
    const counter = try curlback.context(init.gpa, Counter{});
    defer counter.release();

    try easy.set(.URL, if (args.len > 1) args[1] else "https://example.com/");
    try easy.onWrite(counter, Counter.count);
    easy.performAs(error{TooBig}) catch |err| {
        std.debug.print("{t}: {f}\n", .{ err, try easy.failure() });
        std.process.exit(1);
    };
    std.debug.print("{d} bytes, status {d}\n", .{ counter.ptr.bytes, try easy.get(.RESPONSE_CODE) });
}
