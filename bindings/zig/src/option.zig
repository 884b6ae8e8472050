//! Options and infos by libcurl's names, checked when compiled.

const std = @import("std");
const c = @import("c");

/// What libcurl's numbers say of the type of an option.
pub const Shape = enum { number, text, function, bytes };

/// The number of the option that `name`, `.URL` say, stands for.
pub fn option(comptime name: @EnumLiteral()) comptime_int {
    return find("CURLBACK_OPT_", name, "option");
}

pub fn multiOption(comptime name: @EnumLiteral()) comptime_int {
    return find("CURLBACK_MOPT_", name, "multi option");
}

pub fn info(comptime name: @EnumLiteral()) comptime_int {
    return find("CURLBACK_INFO_", name, "info");
}

fn find(comptime prefix: []const u8, comptime name: @EnumLiteral(), comptime what: []const u8) comptime_int {
    if (!@hasDecl(c, prefix ++ @tagName(name))) {
        @compileError("libcurl has no " ++ what ++ " " ++ @tagName(name) ++
            ": they have libcurl's names in capitals, .CONNECTTIMEOUT_MS say");
    }
    return @field(c, prefix ++ @tagName(name));
}

pub fn shape(comptime number: comptime_int) Shape {
    return switch (number / 10_000) {
        0, 3 => .number,
        1 => .text,
        2 => .function,
        else => .bytes,
    };
}

/// What libcurl's numbers say of the type of an info.
pub fn Info(comptime name: @EnumLiteral()) type {
    return switch (info(name) & 0xf00000) {
        0x100000 => ?[:0]const u8,
        0x300000 => f64,
        0x400000 => @import("list.zig").List,
        else => i64,
    };
}

pub fn isString(comptime T: type) bool {
    if (isArrayPointer(T, u8)) return @typeInfo(@typeInfo(T).pointer.child).array.sentinel() == 0;
    return T == [:0]const u8 or T == [:0]u8 or T == [*:0]const u8 or T == [*:0]u8;
}

pub fn isStrings(comptime T: type) bool {
    if (T == []const [*:0]const u8 or T == [][*:0]const u8 or isArrayPointer(T, [*:0]const u8)) return true;
    // &.{ "one", "two" }
    if (!isPointerToOne(T)) return false;
    const child = @typeInfo(@typeInfo(T).pointer.child);
    return child == .@"struct" and child.@"struct".is_tuple;
}

pub fn isBytes(comptime T: type) bool {
    return T == []const u8 or T == []u8 or T == [:0]const u8 or T == [:0]u8 or isArrayPointer(T, u8);
}

fn isArrayPointer(comptime T: type, comptime Child: type) bool {
    if (!isPointerToOne(T)) return false;
    const array = @typeInfo(@typeInfo(T).pointer.child);
    return array == .array and array.array.child == Child;
}

fn isPointerToOne(comptime T: type) bool {
    return @typeInfo(T) == .pointer and @typeInfo(T).pointer.size == .one;
}
