//! The tests, which run on the allocator that reports leaks, double frees and writes after them.

const curlback = @import("curlback");
const std = @import("std");

test {
    _ = @import("easy.zig");
    _ = @import("multi.zig");
}

test "the library says what it is and has" {
    const version = try std.SemanticVersion.parse(curlback.version());
    const number = (version.major << 16) | (version.minor << 8) | version.patch;
    try std.testing.expectEqual(number, curlback.versionNumber());
    try std.testing.expect(curlback.libcurlVersionNumber() >= 0x075800);
    try std.testing.expect(std.mem.startsWith(u8, curlback.libcurlVersion(), "libcurl/"));
    try std.testing.expect(curlback.libcurlLinkage().len > 3);
    inline for (.{ curlback.protocolName, curlback.featureName }, .{ curlback.hasProtocol, curlback.hasFeature }) |name, has| {
        var index: usize = 0;
        while (name(index)) |known| : (index += 1) try std.testing.expect(has(known));
        try std.testing.expect(index > 3);
    }
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
