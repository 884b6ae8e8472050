package curlback

// #include "bridge.h"
import "C"

import (
	"context"
	"runtime"
	"syscall"
	"time"
)

// Perform does the transfer that the options describe, and returns when it has ended. What a callback returned as an error is in the
// chain of the error; what it panicked with, Perform panics with.
func (e *Easy) Perform() error {
	return e.ended(e.perform())
}

// PerformContext is Perform, ended with [ErrCancelled] when the context is done: the context's cause is in the chain of the error.
func (e *Easy) PerformContext(ctx context.Context) error {
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	release := e.cancelWith(ctx)
	result, refusal := e.perform()
	release()
	return because(ctx, e.ended(result, refusal))
}

func (e *Easy) perform() (result C.curlback_result, refusal error) {
	if e.taken.Load() {
		return C.CURLBACK_E_IN_USE, errTaken()
	}
	refusal = e.ask(func() C.curlback_result {
		result = C.curlback_easy_perform(e.handle)
		return result
	})
	return result, refusal
}

func errTaken() error {
	return &Error{Code: ErrInUse, Message: "an engine is at work on the handle"}
}

func cancelled(ctx context.Context) error {
	return because(ctx, &Error{Code: ErrCancelled, Message: "the context is done"})
}

// because adds why the context is done to an error that comes from that.
func because(ctx context.Context, err error) error {
	if own, is := err.(*Error); is && own.Code == ErrCancelled && own.Cause == nil {
		own.Cause = context.Cause(ctx)
	}
	return err
}

// How long until a cancel is said again, which is for nothing where the transfer had not begun.
const again = 5 * time.Millisecond

// cancelWith cancels the transfer that follows when the context is done. The function that it returns is to be called when the transfer
// has ended: no cancel comes after that.
func (e *Easy) cancelWith(ctx context.Context) (release func()) {
	over, finished := make(chan struct{}), make(chan struct{})
	unregister := context.AfterFunc(ctx, func() {
		defer close(finished)
		ticker := time.NewTicker(again)
		defer ticker.Stop()
		for {
			C.curlback_easy_cancel(e.handle)
			select {
			case <-over:
				return
			case <-ticker.C:
			}
		}
	})
	return func() {
		close(over)
		if !unregister() {
			<-finished
		}
	}
}

// ended is how a transfer ended.
func (e *Easy) ended(result C.curlback_result, refusal error) error {
	switch result {
	case C.CURLBACK_E_NULL, C.CURLBACK_E_HANDLE, C.CURLBACK_E_BUSY, C.CURLBACK_E_IN_CALLBACK, C.CURLBACK_E_IN_USE:
		// There was no transfer, and what another one raised is not for us.
		return refusal
	}
	err, what := e.outcome(result)
	if what != nil && what.panicked {
		panic(what.value)
	}
	return err
}

// outcome reads the record of the last transfer.
func (e *Easy) outcome(result C.curlback_result) (error, *raised) {
	defer runtime.KeepAlive(e)
	what := takeRaised(e.handle)
	e.mutex.Lock()
	defer e.mutex.Unlock()
	pushed := e.pushed
	e.pushed = nil
	if result == C.CURLBACK_OK {
		return nil, what
	}
	err := &Error{Code: Code(result), CurlCode: Code(result), Message: Code(result).Error(), Cause: pushed}
	var record C.curlback_error
	if C.curlback_easy_error(e.handle, &record) == C.CURLBACK_OK {
		err.CurlCode = Code(record.curl_code)
		err.Callback = Callback(record.callback)
		err.Errno = syscall.Errno(record.os_errno)
		if record.curl_message != nil && *record.curl_message != 0 {
			err.Message = C.GoString(record.curl_message)
		}
	}
	if what != nil {
		err.Cause = what.err
	}
	return err, what
}

// Cancel ends the running transfer with [ErrCancelled]; nothing where none runs. From any goroutine.
func (e *Easy) Cancel() error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_cancel(e.handle) })
}

// Pauses are the directions that [Easy.Pause] pauses.
type Pauses int32

// The directions.
const (
	PauseNone Pauses = C.CURLBACK_PAUSE_NONE
	PauseRecv Pauses = C.CURLBACK_PAUSE_RECV
	PauseSend Pauses = C.CURLBACK_PAUSE_SEND
	PauseBoth Pauses = C.CURLBACK_PAUSE_BOTH
)

// Pause pauses these directions of the running transfer and lets the others go on. From any goroutine.
func (e *Easy) Pause(directions Pauses) error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_pause(e.handle, C.int32_t(directions)) })
}

// Send sends over the connection of a handle that has performed with OPT_CONNECT_ONLY, and says how much was taken. It does not
// wait: [CURLE_AGAIN] where nothing was, until the socket INFO_ACTIVESOCKET can be written to.
func (e *Easy) Send(data []byte) (int, error) {
	var sent C.size_t
	err := e.ask(func() C.curlback_result {
		return C.curlback_go_send(e.handle, pointerTo(data), C.size_t(len(data)), &sent)
	})
	return int(sent), err
}

// Recv receives over the connection of a handle that has performed with OPT_CONNECT_ONLY, and says how much. It does not wait:
// [CURLE_AGAIN] where nothing is there. 0 bytes and no error: the peer has closed.
func (e *Easy) Recv(buffer []byte) (int, error) {
	var received C.size_t
	err := e.ask(func() C.curlback_result {
		return C.curlback_go_recv(e.handle, pointerTo(buffer), C.size_t(len(buffer)), &received)
	})
	return int(received), err
}
