//! Bodies in parts.

const c = @import("c");
const results = @import("result.zig");
const contexts = @import("context.zig");
const machinery = @import("call.zig");
const trampolines = @import("trampolines.zig");
const easies = @import("easy.zig");
const Easy = easies.Easy;
const Error = results.Error;
const check = results.check;

/// A body in parts; `Easy.setMime()` sends it.
pub const Mime = struct {
    handle: *c.curlback_mime,

    /// Any live easy handle will do.
    pub fn init(easy: Easy) Error!Mime {
        return .{ .handle = c.curlback_mime_new(easy.handle) orelse return error.BadFunctionArgument };
    }

    /// Gives it up: it goes as soon as no handle has it set and no other mime has it for a part.
    pub fn deinit(mime: Mime) void {
        c.curlback_mime_release(mime.handle);
    }

    /// Closes it now, or says why that cannot be.
    pub fn close(mime: Mime) Error!void {
        return check(c.curlback_mime_close(mime.handle));
    }

    /// Appends a part, which belongs to the mime.
    pub fn add(mime: Mime) Error!Part {
        return .{ .handle = c.curlback_mime_add(mime.handle) orelse return error.BadFunctionArgument };
    }

    pub const Part = struct {
        handle: *c.curlback_mime_part,

        pub fn name(part: Part, text: [:0]const u8) Error!void {
            return check(c.curlback_mime_part_name(part.handle, text));
        }
        pub fn filename(part: Part, text: [:0]const u8) Error!void {
            return check(c.curlback_mime_part_filename(part.handle, text));
        }
        /// "text/plain", say.
        pub fn mimeType(part: Part, text: [:0]const u8) Error!void {
            return check(c.curlback_mime_part_type(part.handle, text));
        }
        /// "base64", say.
        pub fn encoder(part: Part, encoding: [:0]const u8) Error!void {
            return check(c.curlback_mime_part_encoder(part.handle, encoding));
        }
        pub fn headers(part: Part, items: []const [*:0]const u8) Error!void {
            return check(c.curlback_mime_part_headers(part.handle, @ptrCast(items.ptr), items.len));
        }
        /// The content, which is copied.
        pub fn data(part: Part, content: []const u8) Error!void {
            const start: [*]const u8 = if (content.len == 0) "" else content.ptr;
            return check(c.curlback_mime_part_data(part.handle, start, content.len));
        }
        pub fn file(part: Part, path: [:0]const u8) Error!void {
            return check(c.curlback_mime_part_file(part.handle, path));
        }
        /// Makes another mime the content; it belongs to the part then.
        pub fn subparts(part: Part, mime: Mime) Error!void {
            return check(c.curlback_mime_part_subparts(part.handle, mime.handle));
        }

        /// Content of `size` bytes, null: not known, that `read` supplies: ([]u8 buffer) !usize or !Read. `seek`, (i64 offset,
        /// Origin) !void or !Seek, goes back to send it again; `{}` for none: it is sent only once.
        pub fn callbacks(
            part: Part,
            size: ?u63,
            context: anytype,
            comptime read: anytype,
            comptime seek: anytype,
        ) Error!void {
            const T = contexts.Registered(@TypeOf(context), "callbacks");
            const on_read = trampolines.Read(named(easies.read_kind, "callbacks"), T, read).call;
            const on_seek: c.curlback_mime_seek_cb = if (@TypeOf(seek) == void)
                null
            else
                trampolines.Seek(named(easies.seek_kind, "callbacks"), T, seek).call;
            const set = c.curlback_mime_part_callbacks;
            const length: i64 = size orelse -1;
            if (T == void) return check(set(part.handle, length, on_read, on_seek, null, null));
            const user_data = context.retain();
            errdefer @TypeOf(context).drop(user_data);
            return check(set(part.handle, length, on_read, on_seek, user_data, @TypeOf(context).drop));
        }
    };
};

fn named(comptime kind: machinery.Kind, comptime name: []const u8) machinery.Kind {
    comptime var copy = kind;
    copy.name = name;
    return copy;
}
