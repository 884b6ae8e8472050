//! What callbacks are given: memory that lives as long as anything may call back with it.

const std = @import("std");
const Allocator = std.mem.Allocator;

/// Moves `value` into memory of `allocator`, for callbacks to work on. One is held by the caller, who gives it up with
/// `release()`; every registration holds another. The last one to go calls `deinit(self)` or `deinit(self, allocator)` of
/// the value, if its type has that, and frees the memory: on whatever thread that is, so for handles that several threads
/// use the allocator has to be safe for threads.
pub fn context(allocator: Allocator, value: anytype) Allocator.Error!Context(@TypeOf(value)) {
    return .init(allocator, value);
}

/// A value that callbacks work on; `context()` makes one.
pub fn Context(comptime T: type) type {
    switch (@typeInfo(T)) {
        .pointer => @compileError("a context has to own what callbacks work on, but what " ++ @typeName(T) ++
            " points to could be freed while it is registered: give curlback.context() the value itself"),
        .comptime_int, .comptime_float, .enum_literal, .undefined, .null => @compileError("a context needs a type: " ++
            "curlback.context(allocator, @as(usize, 0)), say, not " ++ @typeName(T)),
        else => {},
    }
    return struct {
        /// The value. It is there until `release()`, and while it is registered.
        ptr: *T,

        const Self = @This();
        pub const Value = T;
        pub const is_curlback_context = true;

        const Box = struct {
            allocator: Allocator,
            references: std.atomic.Value(usize) = .init(1),
            hold: std.atomic.Value(Hold) = .init(.held),
            value: T,

            /// Whether the caller has it still. An allocator that looks for faults fills freed memory with neither.
            const Hold = enum(u8) { held = 0x5c, released = 0xc5, _ };

            fn unref(box: *Box) void {
                if (box.references.fetchSub(1, .acq_rel) != 1) return;
                const allocator = box.allocator;
                deinitValue(&box.value, allocator);
                allocator.destroy(box);
            }
        };

        pub fn init(allocator: Allocator, initial: T) Allocator.Error!Self {
            const box = try allocator.create(Box);
            box.* = .{ .allocator = allocator, .value = initial };
            return .{ .ptr = &box.value };
        }

        /// Gives up the caller's hold: once, usually by `defer`. What is registered stays until the library drops it.
        pub fn release(self: Self) void {
            const box: *Box = @alignCast(@fieldParentPtr("value", self.ptr));
            if (box.hold.swap(.released, .acq_rel) != .held) {
                @panic("a curlback context of type " ++ @typeName(T) ++ " was released twice: callbacks that it is " ++
                    "registered with would be left with freed memory. Call release() once for each curlback.context(); " ++
                    "to have callbacks let go of it close the handle, or unset them");
            }
            box.unref();
        }

        /// For one more registration: what the library is given as user data.
        pub fn retain(self: Self) *anyopaque {
            const box: *Box = @alignCast(@fieldParentPtr("value", self.ptr));
            if (box.hold.load(.acquire) != .held) {
                @panic("a curlback context of type " ++ @typeName(T) ++ " was registered after release(), when it may be freed: " ++
                    "register it first and release it then, by defer say; what is registered stays for as long as it is");
            }
            _ = box.references.fetchAdd(1, .monotonic);
            return box;
        }

        /// The library has no use for the user data any more.
        pub fn drop(user_data: ?*anyopaque) callconv(.c) void {
            const box: *Box = @ptrCast(@alignCast(user_data.?));
            box.unref();
        }

        /// The value behind what the library hands to a callback.
        pub fn value(user_data: ?*anyopaque) *T {
            const box: *Box = @ptrCast(@alignCast(user_data.?));
            return &box.value;
        }
    };
}

fn deinitValue(value: anytype, allocator: Allocator) void {
    const T = @typeInfo(@TypeOf(value)).pointer.child;
    switch (@typeInfo(T)) {
        .@"struct", .@"union", .@"enum" => {},
        else => return,
    }
    if (!@hasDecl(T, "deinit")) return;
    switch (@typeInfo(@TypeOf(T.deinit)).@"fn".param_types.len) {
        1 => value.deinit(),
        2 => value.deinit(allocator),
        else => @compileError("the library calls deinit(self) or deinit(self, allocator), not " ++
            @typeName(@TypeOf(T.deinit)) ++ " of " ++ @typeName(T)),
    }
}

/// The type behind the context that a registration was given: void for `{}`, which stands for none.
pub fn Registered(comptime Given: type, comptime where: []const u8) type {
    if (Given == void) return void;
    if (@typeInfo(Given) == .@"struct" and @hasDecl(Given, "is_curlback_context")) return Given.Value;
    @compileError(where ++ "() takes a curlback.Context, which lives as long as something may call back with it, or {} for " ++
        "none, but got " ++ @typeName(Given) ++ ", which could be freed too early: make one with " ++
        "curlback.context(allocator, value)");
}
