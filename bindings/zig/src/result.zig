//! curlback's results as errors.

const std = @import("std");
const c = @import("c");

/// What a function of the library can answer but success: libcurl's CURLcode by its name, its CURLMcode with Multi and its
/// CURLSHcode with Share before it, and the library's own CURLBACK_E_*. `lastError()` and `Easy.failure()` say more.
pub const Error = error{
    UnsupportedProtocol,
    FailedInit,
    UrlMalformat,
    NotBuiltIn,
    CouldntResolveProxy,
    CouldntResolveHost,
    CouldntConnect,
    WeirdServerReply,
    RemoteAccessDenied,
    FtpAcceptFailed,
    FtpWeirdPassReply,
    FtpAcceptTimeout,
    FtpWeirdPasvReply,
    FtpWeird227Format,
    FtpCantGetHost,
    Http2,
    FtpCouldntSetType,
    PartialFile,
    FtpCouldntRetrFile,
    QuoteError,
    HttpReturnedError,
    WriteError,
    UploadFailed,
    ReadError,
    OutOfMemory,
    OperationTimedout,
    FtpPortFailed,
    FtpCouldntUseRest,
    RangeError,
    SslConnectError,
    BadDownloadResume,
    FileCouldntReadFile,
    LdapCannotBind,
    LdapSearchFailed,
    AbortedByCallback,
    BadFunctionArgument,
    InterfaceFailed,
    TooManyRedirects,
    UnknownOption,
    SetoptOptionSyntax,
    GotNothing,
    SslEngineNotfound,
    SslEngineSetfailed,
    SendError,
    RecvError,
    SslCertproblem,
    SslCipher,
    PeerFailedVerification,
    BadContentEncoding,
    FilesizeExceeded,
    UseSslFailed,
    SendFailRewind,
    SslEngineInitfailed,
    LoginDenied,
    TftpNotfound,
    TftpPerm,
    RemoteDiskFull,
    TftpIllegal,
    TftpUnknownid,
    RemoteFileExists,
    TftpNosuchuser,
    SslCacertBadfile,
    RemoteFileNotFound,
    Ssh,
    SslShutdownFailed,
    Again,
    SslCrlBadfile,
    SslIssuerError,
    FtpPretFailed,
    RtspCseqError,
    RtspSessionError,
    FtpBadFileList,
    ChunkFailed,
    NoConnectionAvailable,
    SslPinnedpubkeynotmatch,
    SslInvalidcertstatus,
    Http2Stream,
    RecursiveApiCall,
    AuthError,
    Http3,
    QuicConnectError,
    Proxy,
    SslClientcert,
    UnrecoverablePoll,
    TooLarge,
    EchRequired,
    MultiBadHandle,
    MultiBadEasyHandle,
    MultiInternalError,
    MultiBadSocket,
    MultiUnknownOption,
    MultiAddedAlready,
    MultiRecursiveApiCall,
    MultiWakeupFailure,
    MultiBadFunctionArgument,
    MultiAbortedByCallback,
    MultiUnrecoverablePoll,
    ShareBadOption,
    ShareInUse,
    ShareInvalid,
    ShareNotBuiltIn,
    Null,
    Handle,
    Busy,
    InCallback,
    NotInCallback,
    Exclusive,
    Option,
    Type,
    Range,
    Unsupported,
    Raised,
    Cancelled,
    InUse,
    Limit,
    Internal,
    Absent,
    /// A result that this package does not know: the library is newer.
    Unexpected,
};

const table = [_]struct { i32, Error }{
    .{ 1, error.UnsupportedProtocol },
    .{ 2, error.FailedInit },
    .{ 3, error.UrlMalformat },
    .{ 4, error.NotBuiltIn },
    .{ 5, error.CouldntResolveProxy },
    .{ 6, error.CouldntResolveHost },
    .{ 7, error.CouldntConnect },
    .{ 8, error.WeirdServerReply },
    .{ 9, error.RemoteAccessDenied },
    .{ 10, error.FtpAcceptFailed },
    .{ 11, error.FtpWeirdPassReply },
    .{ 12, error.FtpAcceptTimeout },
    .{ 13, error.FtpWeirdPasvReply },
    .{ 14, error.FtpWeird227Format },
    .{ 15, error.FtpCantGetHost },
    .{ 16, error.Http2 },
    .{ 17, error.FtpCouldntSetType },
    .{ 18, error.PartialFile },
    .{ 19, error.FtpCouldntRetrFile },
    .{ 21, error.QuoteError },
    .{ 22, error.HttpReturnedError },
    .{ 23, error.WriteError },
    .{ 25, error.UploadFailed },
    .{ 26, error.ReadError },
    .{ 27, error.OutOfMemory },
    .{ 28, error.OperationTimedout },
    .{ 30, error.FtpPortFailed },
    .{ 31, error.FtpCouldntUseRest },
    .{ 33, error.RangeError },
    .{ 35, error.SslConnectError },
    .{ 36, error.BadDownloadResume },
    .{ 37, error.FileCouldntReadFile },
    .{ 38, error.LdapCannotBind },
    .{ 39, error.LdapSearchFailed },
    .{ 42, error.AbortedByCallback },
    .{ 43, error.BadFunctionArgument },
    .{ 45, error.InterfaceFailed },
    .{ 47, error.TooManyRedirects },
    .{ 48, error.UnknownOption },
    .{ 49, error.SetoptOptionSyntax },
    .{ 52, error.GotNothing },
    .{ 53, error.SslEngineNotfound },
    .{ 54, error.SslEngineSetfailed },
    .{ 55, error.SendError },
    .{ 56, error.RecvError },
    .{ 58, error.SslCertproblem },
    .{ 59, error.SslCipher },
    .{ 60, error.PeerFailedVerification },
    .{ 61, error.BadContentEncoding },
    .{ 63, error.FilesizeExceeded },
    .{ 64, error.UseSslFailed },
    .{ 65, error.SendFailRewind },
    .{ 66, error.SslEngineInitfailed },
    .{ 67, error.LoginDenied },
    .{ 68, error.TftpNotfound },
    .{ 69, error.TftpPerm },
    .{ 70, error.RemoteDiskFull },
    .{ 71, error.TftpIllegal },
    .{ 72, error.TftpUnknownid },
    .{ 73, error.RemoteFileExists },
    .{ 74, error.TftpNosuchuser },
    .{ 77, error.SslCacertBadfile },
    .{ 78, error.RemoteFileNotFound },
    .{ 79, error.Ssh },
    .{ 80, error.SslShutdownFailed },
    .{ 81, error.Again },
    .{ 82, error.SslCrlBadfile },
    .{ 83, error.SslIssuerError },
    .{ 84, error.FtpPretFailed },
    .{ 85, error.RtspCseqError },
    .{ 86, error.RtspSessionError },
    .{ 87, error.FtpBadFileList },
    .{ 88, error.ChunkFailed },
    .{ 89, error.NoConnectionAvailable },
    .{ 90, error.SslPinnedpubkeynotmatch },
    .{ 91, error.SslInvalidcertstatus },
    .{ 92, error.Http2Stream },
    .{ 93, error.RecursiveApiCall },
    .{ 94, error.AuthError },
    .{ 95, error.Http3 },
    .{ 96, error.QuicConnectError },
    .{ 97, error.Proxy },
    .{ 98, error.SslClientcert },
    .{ 99, error.UnrecoverablePoll },
    .{ 100, error.TooLarge },
    .{ 101, error.EchRequired },
    .{ 1001, error.MultiBadHandle },
    .{ 1002, error.MultiBadEasyHandle },
    .{ 1003, error.OutOfMemory },
    .{ 1004, error.MultiInternalError },
    .{ 1005, error.MultiBadSocket },
    .{ 1006, error.MultiUnknownOption },
    .{ 1007, error.MultiAddedAlready },
    .{ 1008, error.MultiRecursiveApiCall },
    .{ 1009, error.MultiWakeupFailure },
    .{ 1010, error.MultiBadFunctionArgument },
    .{ 1011, error.MultiAbortedByCallback },
    .{ 1012, error.MultiUnrecoverablePoll },
    .{ 2001, error.ShareBadOption },
    .{ 2002, error.ShareInUse },
    .{ 2003, error.ShareInvalid },
    .{ 2004, error.OutOfMemory },
    .{ 2005, error.ShareNotBuiltIn },
    .{ 10000, error.Null },
    .{ 10001, error.Handle },
    .{ 10002, error.Busy },
    .{ 10003, error.InCallback },
    .{ 10004, error.NotInCallback },
    .{ 10005, error.Exclusive },
    .{ 10006, error.Option },
    .{ 10007, error.Type },
    .{ 10008, error.Range },
    .{ 10009, error.Unsupported },
    .{ 10010, error.Raised },
    .{ 10011, error.Cancelled },
    .{ 10012, error.InUse },
    .{ 10013, error.Limit },
    .{ 10014, error.OutOfMemory },
    .{ 10015, error.Internal },
    .{ 10016, error.Absent },
};

pub fn check(result: c.curlback_result) Error!void {
    if (result != c.CURLBACK_OK) return toError(result);
}

/// The error for a result that is not CURLBACK_OK.
pub fn toError(result: c.curlback_result) Error {
    for (table) |row| {
        if (row[0] == result) return row[1];
    }
    return error.Unexpected;
}

/// What exactly was wrong with this thread's latest failing call. There until this thread's next call into the library.
pub fn lastError() [:0]const u8 {
    return std.mem.span(c.curlback_last_error());
}

/// Whether the error has the name that the library has for the result.
fn isNamed(err: Error, name: []const u8) bool {
    // What callers do about it is the same for all of them.
    if (err == error.OutOfMemory) return std.mem.find(u8, name, "MEM") != null;
    var letters: [64]u8 = undefined;
    var len: usize = 0;
    inline for (.{ .{ "CURLE_", "" }, .{ "CURLBACK_E_", "" }, .{ "CURLM_", "MULTI" }, .{ "CURLSHE_", "SHARE" } }) |family| {
        if (std.mem.cutPrefix(u8, name, family[0])) |rest| {
            @memcpy(letters[0..family[1].len], family[1]);
            len = family[1].len;
            for (rest) |letter| {
                if (letter == '_') continue;
                letters[len] = letter;
                len += 1;
            }
        }
    }
    return std.ascii.eqlIgnoreCase(letters[0..len], @errorName(err));
}

test "every result that the library names is an error of that name" {
    var result: c.curlback_result = 1;
    while (result < 11_000) : (result += 1) {
        const name = std.mem.span(c.curlback_result_name(result));
        const none = std.mem.eql(u8, name, "UNKNOWN") or std.mem.endsWith(u8, name, "_OK") or
            std.mem.find(u8, name, "OBSOLETE") != null;
        const err = toError(result);
        if (none and err == error.Unexpected or !none and isNamed(err, name)) continue;
        std.debug.print("{d}, which is {s}, is error.{t}\n", .{ result, name, err });
        return error.TestUnexpectedResult;
    }
}
