//! From C into a Zig function and back: checked when compiled, and errors get past C.

const std = @import("std");
const c = @import("c");
const contexts = @import("context.zig");
const Easy = @import("easy.zig").Easy;
const Multi = @import("multi.zig").Multi;

/// What one kind of callback is called with, and what it may answer.
pub const Kind = struct {
    /// The function that registers it.
    name: []const u8,
    /// The handle that it may take after its context.
    Handle: type = Easy,
    /// The types of what it is called with otherwise.
    args: []const type = &.{},
    /// The types of what it may answer, none of which says more than success.
    answers: []const type = &.{},
    /// Whether it may answer nothing, which is then `success`.
    silent: bool = true,
    /// Whether it may return an error.
    can_fail: bool = true,
    /// What C takes for success and for failure, and their type there.
    Number: type = i32,
    success: comptime_int = 0,
    failure: comptime_int = 1,

    /// The shapes that a function may have, for the compiler to print.
    fn shapes(comptime kind: Kind, comptime T: type) []const u8 {
        comptime var args: []const u8 = "";
        for (kind.args, 0..) |Arg, index| args = args ++ (if (index == 0) "" else ", ") ++ @typeName(Arg);
        const context = if (T == void) "" else "*" ++ @typeName(T);
        const first = if (T == void or kind.args.len == 0) context else context ++ ", ";
        const handle = (if (T == void) "" else context ++ ", ") ++ @typeName(kind.Handle) ++
            (if (kind.args.len == 0) "" else ", ");
        comptime var answers: []const u8 = if (kind.silent) "void" else "";
        for (kind.answers) |Answer| answers = answers ++ (if (answers.len == 0) "" else ", ") ++ @typeName(Answer);
        return "fn (" ++ first ++ args ++ ") or fn (" ++ handle ++ args ++ "), returning " ++ answers ++
            (if (kind.can_fail) " or an error union" else "");
    }

    fn refuse(comptime kind: Kind, comptime T: type, comptime F: type) noreturn {
        @compileError(@typeName(F) ++ " is not what " ++ kind.name ++ "() calls: a " ++ kind.shapes(T));
    }

    /// Whether the function takes the handle; an error of compilation where it fits in no way.
    fn takesHandle(comptime kind: Kind, comptime T: type, comptime F: type) bool {
        if (@typeInfo(F) != .@"fn") kind.refuse(T, F);
        const params = @typeInfo(F).@"fn".param_types;
        const own: []const type = if (T == void) &.{} else &.{*T};
        if (fits(params, own ++ kind.args)) return false;
        if (fits(params, own ++ [1]type{kind.Handle} ++ kind.args)) return true;
        kind.refuse(T, F);
    }

    fn fits(comptime params: []const ?type, comptime wanted: []const type) bool {
        if (params.len != wanted.len) return false;
        for (params, wanted, 0..) |Param, Wanted, index| {
            // `anytype` takes whatever comes.
            const Given = Param orelse continue;
            const reads_only = index == 0 and @typeInfo(Wanted) == .pointer and
                @typeInfo(Wanted).pointer.size == .one and Given == *const @typeInfo(Wanted).pointer.child;
            if (Given != Wanted and !reads_only) return false;
        }
        return true;
    }
};

/// Gives `set` the function and what C is to call it with; `{}` for `context` is for a function without one. `Trampoline`
/// makes the C function of it.
pub fn register(
    comptime kind: Kind,
    comptime Trampoline: fn (comptime Kind, comptime type, comptime anytype) type,
    set: anytype,
    before: anytype,
    context: anytype,
    comptime function: anytype,
) c.curlback_result {
    const T = contexts.Registered(@TypeOf(context), kind.name);
    const trampoline = Trampoline(kind, T, function).call;
    if (T == void) return @call(.auto, set, before ++ .{ trampoline, null, null });
    const user_data = context.retain();
    const result = @call(.auto, set, before ++ .{ trampoline, user_data, @TypeOf(context).drop });
    if (result != c.CURLBACK_OK) @TypeOf(context).drop(user_data);
    return result;
}

/// What an error of a callback is raised with, so that it is told from what others raise.
pub const error_code: i32 = 0x5a696721;

/// Ends the transfer with an error, unless it is over already: that stands then.
pub fn raise(handle: anytype, err: anyerror, message: [*:0]const u8) void {
    const set = if (@TypeOf(handle) == *c.curlback_multi) c.curlback_multi_raise else c.curlback_easy_raise;
    _ = set(handle, c.CURLBACK_RAISE_INTERRUPT, error_code, message, @ptrFromInt(@intFromError(err)), null);
}

/// Calls the function for what C called, and makes a number of what comes of it.
pub fn call(
    comptime kind: Kind,
    comptime T: type,
    comptime function: anytype,
    handle: anytype,
    user_data: ?*anyopaque,
    args: anytype,
) kind.Number {
    const takes_handle = comptime kind.takesHandle(T, @TypeOf(function));
    const first = if (T == void) .{} else .{contexts.Context(T).value(user_data)};
    const second = if (takes_handle) .{wrap(kind.Handle, handle)} else .{};
    const answer = @call(.auto, function, first ++ second ++ args);
    if (@typeInfo(@TypeOf(answer)) != .error_union) return number(kind, T, @TypeOf(function), answer);
    if (!kind.can_fail) kind.refuse(T, @TypeOf(function));
    const payload = answer catch |err| {
        // What a connection outlived has no handle, and nobody to hear of it.
        if (handle) |live| raise(live, err, @errorName(err));
        return kind.failure;
    };
    return number(kind, T, @TypeOf(function), payload);
}

/// A handle that outlived its transfer can be missing where connections are closed.
fn wrap(comptime Handle: type, handle: anytype) Handle {
    if (@typeInfo(Handle) == .optional) {
        return if (handle) |live| .{ .handle = live } else null;
    }
    return .{ .handle = handle.? };
}

fn number(comptime kind: Kind, comptime T: type, comptime F: type, answer: anytype) kind.Number {
    const Answer = @TypeOf(answer);
    if (Answer == void and kind.silent) return kind.success;
    const known = comptime for (kind.answers) |Known| {
        if (Known == Answer) break true;
    } else false;
    if (!known) kind.refuse(T, F);
    return switch (@typeInfo(Answer)) {
        .@"enum" => @backingInt(answer),
        .int => std.math.cast(kind.Number, answer) orelse kind.failure,
        .bool => @intFromBool(!answer),
        else => answer.number(),
    };
}

/// What is `len` bytes long and, with none, may be nowhere.
pub fn slice(data: anytype, len: usize) []const u8 {
    return if (len == 0) &.{} else data[0..len];
}

pub fn span(text: [*c]const u8) [:0]const u8 {
    return if (text == null) "" else std.mem.span(@as([*:0]const u8, @ptrCast(text)));
}
