//! What the tests share.

const std = @import("std");
const curlback = @import("curlback");
const Allocator = std.mem.Allocator;

pub const gpa = std.testing.allocator;

/// A URL of the test server, for the caller to free.
pub fn url(comptime path: []const u8) ![:0]u8 {
    const server = std.c.getenv("CURLBACK_TEST_HTTP") orelse {
        std.debug.print("CURLBACK_TEST_HTTP has to be the test server's address: cargo xtask bindings zig sets it\n", .{});
        return error.NoServer;
    };
    return std.fmt.allocPrintSentinel(gpa, "{s}{s}", .{ std.mem.span(server), path }, 0);
}

/// An easy handle with its URL set, which libcurl copies.
pub fn easyFor(comptime path: []const u8) !curlback.Easy {
    const address = try url(path);
    defer gpa.free(address);
    const easy: curlback.Easy = try .init();
    errdefer easy.deinit();
    try easy.set(.URL, address);
    return easy;
}

/// Collects what it is given, in the memory of the test allocator.
pub const Collector = struct {
    text: std.ArrayList(u8) = .empty,
    calls: usize = 0,

    pub fn write(collector: *Collector, data: []const u8) Allocator.Error!void {
        collector.calls += 1;
        try collector.text.appendSlice(gpa, data);
    }

    pub fn deinit(collector: *Collector, allocator: Allocator) void {
        collector.text.deinit(allocator);
    }
};

pub fn newCollector() !curlback.Context(Collector) {
    return curlback.context(gpa, Collector{});
}
