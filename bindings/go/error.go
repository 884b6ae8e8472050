package curlback

// #include "bridge.h"
import "C"

import (
	"fmt"
	"strings"
	"syscall"
)

// Code is what a function of the library answers: libcurl's CURLcode from 1 to 999, 1000 + CURLMcode, 2000 + CURLSHcode, and the
// library's own from 10000, which are below. It is an error, for errors.Is: errors.Is(err, curlback.CURLE_COULDNT_CONNECT).
type Code int32

// The library's own codes.
const (
	ErrNull          Code = C.CURLBACK_E_NULL            // a handle that is none
	ErrHandle        Code = C.CURLBACK_E_HANDLE          // a handle that is closed
	ErrBusy          Code = C.CURLBACK_E_BUSY            // the handle is at work on another thread
	ErrInCallback    Code = C.CURLBACK_E_IN_CALLBACK     // not allowed inside a callback
	ErrNotInCallback Code = C.CURLBACK_E_NOT_IN_CALLBACK // allowed inside a callback of this handle alone
	ErrExclusive     Code = C.CURLBACK_E_EXCLUSIVE       // another destination or source is set: clear it first
	ErrOption        Code = C.CURLBACK_E_OPTION          // no such option or info, or one with a function of its own
	ErrType          Code = C.CURLBACK_E_TYPE            // the option or info is of another type
	ErrRange         Code = C.CURLBACK_E_RANGE           // the value does not fit
	ErrUnsupported   Code = C.CURLBACK_E_UNSUPPORTED     // the linked libcurl lacks it
	ErrRaised        Code = C.CURLBACK_E_RAISED          // a callback interrupted the transfer
	ErrCancelled     Code = C.CURLBACK_E_CANCELLED       // the transfer was cancelled
	ErrInUse         Code = C.CURLBACK_E_IN_USE          // still attached to something else
	ErrLimit         Code = C.CURLBACK_E_LIMIT           // a limit that the caller set was reached
	ErrNoMemory      Code = C.CURLBACK_E_NO_MEMORY       // out of memory
	ErrInternal      Code = C.CURLBACK_E_INTERNAL        // a defect of the library
	ErrAbsent        Code = C.CURLBACK_E_ABSENT          // there is none of what was asked for
)

// Name is the name of the code: "CURLE_WRITE_ERROR", "CURLBACK_E_BUSY"; "UNKNOWN" for a number that is none.
func (c Code) Name() string {
	return C.GoString(C.curlback_result_name(C.curlback_result(c)))
}

// Error says it in words.
func (c Code) Error() string {
	return C.GoString(C.curlback_strerror(C.curlback_result(c)))
}

// Error is why a call failed or a transfer ended.
type Error struct {
	// Code is what the call answered.
	Code Code
	// CurlCode is libcurl's own result of a transfer; 0 where the call was refused.
	CurlCode Code
	// Message is what exactly was wrong.
	Message string
	// Callback is the one that returned an error, or whose answer ended the transfer; 0 where none did.
	Callback Callback
	// Errno is the system's, where libcurl knows one.
	Errno syscall.Errno
	// Cause is what the callback returned, or why the context was done.
	Cause error
}

// Error says it in one line.
func (e *Error) Error() string {
	var line strings.Builder
	line.WriteString(e.Code.Name())
	for _, more := range []string{e.Message, e.where(), e.cause()} {
		if more != "" {
			line.WriteString(": ")
			line.WriteString(more)
		}
	}
	return line.String()
}

func (e *Error) where() string {
	if e.Callback == 0 {
		return ""
	}
	return "in the " + e.Callback.String() + " callback"
}

func (e *Error) cause() string {
	if e.Cause == nil {
		return ""
	}
	return e.Cause.Error()
}

// Unwrap is for errors.Is and errors.As: the codes, the cause and the errno.
func (e *Error) Unwrap() []error {
	errors := []error{e.Code}
	if e.CurlCode != 0 && e.CurlCode != e.Code {
		errors = append(errors, e.CurlCode)
	}
	if e.Cause != nil {
		errors = append(errors, e.Cause)
	}
	if e.Errno != 0 {
		errors = append(errors, e.Errno)
	}
	return errors
}

// Panicked is the cause of a transfer's error where a callback panicked, for [Multi.OnDone] and [Multi.NextDone]: Value is what with.
type Panicked struct {
	Value any
	Stack []byte
}

// Error says it in one line.
func (p *Panicked) Error() string {
	return fmt.Sprint("panic: ", p.Value)
}

// Unwrap is the value, where that is an error.
func (p *Panicked) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// Callback is one of the callbacks: what [HasCallback] takes and [Error] has.
type Callback int32

// The callbacks.
const (
	CallbackWrite         Callback = C.CURLBACK_CALLBACK_WRITE
	CallbackHeader        Callback = C.CURLBACK_CALLBACK_HEADER
	CallbackRead          Callback = C.CURLBACK_CALLBACK_READ
	CallbackSeek          Callback = C.CURLBACK_CALLBACK_SEEK
	CallbackIoctl         Callback = C.CURLBACK_CALLBACK_IOCTL
	CallbackDebug         Callback = C.CURLBACK_CALLBACK_DEBUG
	CallbackProgress      Callback = C.CURLBACK_CALLBACK_PROGRESS
	CallbackXferinfo      Callback = C.CURLBACK_CALLBACK_XFERINFO
	CallbackOpenSocket    Callback = C.CURLBACK_CALLBACK_OPEN_SOCKET
	CallbackCloseSocket   Callback = C.CURLBACK_CALLBACK_CLOSE_SOCKET
	CallbackSockopt       Callback = C.CURLBACK_CALLBACK_SOCKOPT
	CallbackSSHKey        Callback = C.CURLBACK_CALLBACK_SSH_KEY
	CallbackSSHHostKey    Callback = C.CURLBACK_CALLBACK_SSH_HOST_KEY
	CallbackPrereq        Callback = C.CURLBACK_CALLBACK_PREREQ
	CallbackTrailer       Callback = C.CURLBACK_CALLBACK_TRAILER
	CallbackResolverStart Callback = C.CURLBACK_CALLBACK_RESOLVER_START
	CallbackFnmatch       Callback = C.CURLBACK_CALLBACK_FNMATCH
	CallbackChunkBegin    Callback = C.CURLBACK_CALLBACK_CHUNK_BEGIN
	CallbackChunkEnd      Callback = C.CURLBACK_CALLBACK_CHUNK_END
	CallbackInterleave    Callback = C.CURLBACK_CALLBACK_INTERLEAVE
	CallbackSSLCtx        Callback = C.CURLBACK_CALLBACK_SSL_CTX
	CallbackHSTSRead      Callback = C.CURLBACK_CALLBACK_HSTS_READ
	CallbackHSTSWrite     Callback = C.CURLBACK_CALLBACK_HSTS_WRITE
	CallbackMimeRead      Callback = C.CURLBACK_CALLBACK_MIME_READ
	CallbackMimeSeek      Callback = C.CURLBACK_CALLBACK_MIME_SEEK
	CallbackShareLock     Callback = C.CURLBACK_CALLBACK_SHARE_LOCK
	CallbackShareUnlock   Callback = C.CURLBACK_CALLBACK_SHARE_UNLOCK
	CallbackMultiSocket   Callback = C.CURLBACK_CALLBACK_MULTI_SOCKET
	CallbackMultiTimer    Callback = C.CURLBACK_CALLBACK_MULTI_TIMER
	CallbackMultiDone     Callback = C.CURLBACK_CALLBACK_MULTI_DONE
	CallbackMultiNotify   Callback = C.CURLBACK_CALLBACK_MULTI_NOTIFY
	CallbackMultiPush     Callback = C.CURLBACK_CALLBACK_MULTI_PUSH
	CallbackWSMessage     Callback = C.CURLBACK_CALLBACK_WS_MESSAGE
)

var callbackNames = map[Callback]string{
	CallbackWrite: "write", CallbackHeader: "header", CallbackRead: "read", CallbackSeek: "seek", CallbackIoctl: "ioctl",
	CallbackDebug: "debug", CallbackProgress: "progress", CallbackXferinfo: "xferinfo",
	CallbackOpenSocket: "open_socket", CallbackCloseSocket: "close_socket", CallbackSockopt: "sockopt",
	CallbackSSHKey: "ssh_key", CallbackSSHHostKey: "ssh_host_key", CallbackPrereq: "prereq", CallbackTrailer: "trailer",
	CallbackResolverStart: "resolver_start", CallbackFnmatch: "fnmatch", CallbackChunkBegin: "chunk_begin",
	CallbackChunkEnd: "chunk_end", CallbackInterleave: "interleave", CallbackSSLCtx: "ssl_ctx",
	CallbackHSTSRead: "hsts_read", CallbackHSTSWrite: "hsts_write", CallbackMimeRead: "mime_read",
	CallbackMimeSeek: "mime_seek", CallbackWSMessage: "ws_message",
	CallbackShareLock: "share_lock", CallbackShareUnlock: "share_unlock", CallbackMultiSocket: "multi_socket",
	CallbackMultiTimer: "multi_timer", CallbackMultiDone: "multi_done", CallbackMultiNotify: "multi_notify",
	CallbackMultiPush: "multi_push",
}

// String is libcurl's name of the callback.
func (c Callback) String() string {
	return callbackNames[c]
}
