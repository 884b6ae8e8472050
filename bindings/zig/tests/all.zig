//! The tests, which run on the allocator that reports leaks, double frees and writes after them.

const curlback = @import("curlback");
const std = @import("std");

test {
    _ = @import("easy.zig");
    _ = @import("multi.zig");
}

test "every callback that the header has is named" {
    @setEvalBranchQuota(1_000_000);
    const prefix = "CURLBACK_CALLBACK_";
    const decls = @typeInfo(curlback.c).@"struct".decl_names;
    inline for (decls) |name| {
        if (comptime std.mem.startsWith(u8, name, prefix)) {
            const callback: curlback.Callback = @fromBackingInt(@intCast(@field(curlback.c, name)));
            var upper: [64]u8 = undefined;
            try std.testing.expectEqualStrings(name[prefix.len..], std.ascii.upperString(&upper, @tagName(callback)));
        }
    }
}
