//! curlback for Zig: libcurl's transfers with Zig functions for every callback.
//!
//! What curlback.h says of a function holds for the method of the same name: what may call it and when, the libcurl that it
//! needs. Here moreover:
//!
//! - Functions return an `Error` where those of C return a result; `lastError()` has a sentence on it.
//! - A callback is a function and a context for it, `context(allocator, value)`, that the library keeps until nothing can
//!   call back with it: it cannot be freed too early. Their types are checked when compiled.
//! - An error that a callback returns ends the transfer with `error.Raised`, and `Easy.failure()` has it;
//!   `Easy.performAs()` returns the very error.

const std = @import("std");

/// The C interface as it is, for what has no method here.
pub const c = @import("c");

pub const Context = contexts.Context;
pub const context = contexts.context;
pub const Easy = @import("easy.zig").Easy;
pub const Multi = @import("multi.zig").Multi;
pub const Mime = @import("mime.zig").Mime;
pub const Share = @import("share.zig").Share;
pub const List = @import("list.zig").List;
pub const Failure = @import("failure.zig").Failure;
pub const Error = results.Error;
pub const lastError = results.lastError;

pub const Access = types.Access;
pub const Address = types.Address;
pub const Callback = types.Callback;
pub const Chunk = types.Chunk;
pub const Connection = types.Connection;
pub const Data = types.Data;
pub const Debug = types.Debug;
pub const FileInfo = types.FileInfo;
pub const Hsts = types.Hsts;
pub const HstsEntry = types.HstsEntry;
pub const HstsSlot = types.HstsSlot;
pub const Ioctl = types.Ioctl;
pub const IoctlCommand = types.IoctlCommand;
pub const Notification = types.Notification;
pub const OpenSocket = types.OpenSocket;
pub const Origin = types.Origin;
pub const Pause = types.Pause;
pub const Poll = types.Poll;
pub const Progress = types.Progress;
pub const Purpose = types.Purpose;
pub const Push = types.Push;
pub const Read = types.Read;
pub const Run = types.Run;
pub const Seek = types.Seek;
pub const ShareData = types.ShareData;
pub const Socket = types.Socket;
pub const Sockopt = types.Sockopt;
pub const SshKey = types.SshKey;
pub const SshMatch = types.SshMatch;
pub const SshVerdict = types.SshVerdict;
pub const Trailers = types.Trailers;
pub const WaitFd = types.WaitFd;
pub const WsFrame = types.WsFrame;
pub const ws = types.ws;

const contexts = @import("context.zig");
const results = @import("result.zig");
const types = @import("types.zig");

/// The version of the library that is linked.
pub fn version() [:0]const u8 {
    return std.mem.span(c.curlback_version());
}

/// The same as a number, 0x010203 for 1.2.3.
pub fn versionNumber() u32 {
    return c.curlback_version_number();
}

/// The version of libcurl in it.
pub fn libcurlVersion() [:0]const u8 {
    return std.mem.span(c.curlback_libcurl_version());
}

/// The same as a number, 0x081600 for 8.22.0.
pub fn libcurlVersionNumber() u32 {
    return c.curlback_libcurl_version_number();
}

/// How libcurl was linked: "system", "bundled" or "full".
pub fn libcurlLinkage() [:0]const u8 {
    return std.mem.span(c.curlback_libcurl_linkage());
}

/// The protocols that libcurl was built with, from 0 on; null after the last.
pub fn protocolName(index: usize) ?[:0]const u8 {
    return spanned(c.curlback_protocol_name(index));
}

/// The features that libcurl was built with, as `protocolName()`.
pub fn featureName(index: usize) ?[:0]const u8 {
    return spanned(c.curlback_feature_name(index));
}

fn spanned(name: [*c]const u8) ?[:0]const u8 {
    return if (name == null) null else std.mem.span(@as([*:0]const u8, @ptrCast(name)));
}

/// Whether a callback can be used.
pub fn hasCallback(callback: Callback) bool {
    return c.curlback_has_callback(@backingInt(callback));
}

/// Whether libcurl was built with a protocol, "https" say.
pub fn hasProtocol(name: [:0]const u8) bool {
    return c.curlback_has_protocol(name);
}

/// Whether libcurl was built with a feature, "HTTP2" say.
pub fn hasFeature(name: [:0]const u8) bool {
    return c.curlback_has_feature(name);
}

/// How many handles were made and not closed yet.
pub fn liveHandles() usize {
    return c.curlback_live_handles();
}

test {
    std.testing.refAllDecls(@This());
    _ = results;
    _ = types;
}
