//! Lists of strings that the library hands out.

const std = @import("std");
const c = @import("c");
const result = @import("result.zig");

/// A list that the caller has to `deinit()`, and its strings go with.
pub const List = struct {
    handle: ?*c.curlback_list,

    pub fn deinit(list: List) void {
        c.curlback_list_free(list.handle);
    }

    pub fn len(list: List) usize {
        return c.curlback_list_len(list.handle);
    }

    /// Null behind the end.
    pub fn get(list: List, index: usize) ?[:0]const u8 {
        return std.mem.span(c.curlback_list_get(list.handle, index) orelse return null);
    }

    pub fn iterator(list: List) Iterator {
        return .{ .list = list };
    }

    pub const Iterator = struct {
        list: List,
        index: usize = 0,

        pub fn next(strings: *Iterator) ?[:0]const u8 {
            const string = strings.list.get(strings.index) orelse return null;
            strings.index += 1;
            return string;
        }
    };
};
