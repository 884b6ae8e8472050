const std = @import("std");

pub fn build(b: *std.Build) void {
    const target = b.standardTargetOptions(.{});
    const optimize = b.standardOptimizeOption(.{});
    const prefix = b.option([]const u8, "curlback-prefix", "Where curlback is installed; pkg-config is asked unless told");

    const c = b.addTranslateC(.{ .root_source_file = b.path("src/c.h"), .target = target, .optimize = optimize });
    const curlback = b.addModule("curlback", .{
        .root_source_file = b.path("src/curlback.zig"),
        .target = target,
        .optimize = optimize,
        .link_libc = true,
    });
    if (prefix) |folder| {
        const lib: std.Build.LazyPath = .{ .cwd_relative = b.pathJoin(&.{ folder, "lib" }) };
        c.addIncludePath(.{ .cwd_relative = b.pathJoin(&.{ folder, "include" }) });
        curlback.addLibraryPath(lib);
        curlback.addRPath(lib);
        curlback.linkSystemLibrary("curlback", .{ .use_pkg_config = .no });
    } else {
        c.linkSystemLibrary("curlback", .{ .use_pkg_config = .force });
        curlback.linkSystemLibrary("curlback", .{ .use_pkg_config = .force });
    }
    curlback.addImport("c", c.createModule());

    const example = addProgram(b, curlback, "get", "examples/get.zig");
    b.step("example", "Build and run examples/get.zig").dependOn(example: {
        const run = b.addRunArtifact(example);
        run.addPassthruArgs();
        break :example &run.step;
    });

    const test_step = b.step("test", "Run the tests, against a server that CURLBACK_TEST_HTTP says");
    test_step.dependOn(&example.step);
    const unit_tests = b.addTest(.{ .root_module = curlback });
    test_step.dependOn(&b.addRunArtifact(unit_tests).step);
    const tests = b.addTest(.{ .root_module = addModule(b, curlback, "tests/all.zig") });
    const run_tests = b.addRunArtifact(tests);
    run_tests.has_side_effects = true;
    test_step.dependOn(&run_tests.step);

    // What a context that is let go of too early says, on the allocator that looks for that.
    for ([_][2][]const u8{
        .{ "released_twice", "a curlback context of type usize was released twice" },
        .{ "released_and_freed", "a curlback context of type usize was released twice" },
        .{ "released_early", "a curlback context of type usize was registered after release(), when it may be freed: register it first" },
    }) |fault| {
        const run = b.addRunArtifact(addProgram(b, curlback, fault[0], b.fmt("tests/{s}.zig", .{fault[0]})));
        run.expectStdErrMatch(fault[1]);
        run.addCheck(.{ .expect_term = .{ .signal = .ABRT } });
        test_step.dependOn(&run.step);
    }

    // What the compiler says where a program is wrong.
    for ([_][2][]const u8{
        .{ "borrowed", "which could be freed too early: make one with curlback.context(allocator, value)" },
        .{ "pointer", "give curlback.context() the value itself" },
        .{ "arguments", "a fn (*usize, []const u8) or fn (*usize, easy.Easy, []const u8), returning void, types.Data or an error union" },
        .{ "answer", "a fn ([]u8) or fn (easy.Easy, []u8), returning usize, types.Read or an error union" },
        .{ "option", "libcurl has no option URI: they have libcurl's names in capitals, .CONNECTTIMEOUT_MS say" },
        .{ "option_type", "a string that ends with NUL, [:0]const u8, or a list of [*:0]const u8, not comptime_int" },
    }) |wrong| {
        const program = addProgram(b, curlback, wrong[0], b.fmt("tests/refused/{s}.zig", .{wrong[0]}));
        program.expect_errors = .{ .contains = wrong[1] };
        test_step.dependOn(&program.step);
    }
}

fn addModule(b: *std.Build, curlback: *std.Build.Module, path: []const u8) *std.Build.Module {
    return b.createModule(.{
        .root_source_file = b.path(path),
        .target = curlback.resolved_target,
        .optimize = curlback.optimize,
        .imports = &.{.{ .name = "curlback", .module = curlback }},
    });
}

fn addProgram(b: *std.Build, curlback: *std.Build.Module, name: []const u8, path: []const u8) *std.Build.Step.Compile {
    return b.addExecutable(.{ .name = name, .root_module = addModule(b, curlback, path) });
}
