package curlback

// #include "bridge.h"
import "C"

import (
	"context"
	"errors"
	"runtime"
	"runtime/cgo"
	"sync"
	"sync/atomic"
	"syscall"
)

// Engine does many transfers at once, on a thread of its own; goroutines submit them and wait. Close it; one that is forgotten is closed
// some time after the last reference to it and the last transfer is gone.
type Engine struct {
	loop    *loop
	cleanup runtime.Cleanup
}

// MultiOption is an option of an engine: MOPT_*.
type MultiOption int32

// MultiSetting is an option of an engine and its value.
type MultiSetting struct {
	Option MultiOption
	Value  int64
}

// loop is what an engine's thread and its callback know of it.
type loop struct {
	multi  *C.curlback_multi
	thread atomic.Int64
	ended  chan struct{}
	// One at a time adds handles, so that the only BUSY is that of the loop, or of the handle.
	adding sync.Mutex

	mutex     sync.Mutex
	transfers map[*C.curlback_easy]*Transfer
	waiting   []*Transfer
	closing   bool
	failure   error
}

// Transfer is one that an engine does.
type Transfer struct {
	engine *Engine
	easy   *Easy
	done   chan struct{}
	// What there is when done is closed.
	err    error
	raised *raised
}

// NewEngine makes an engine and starts its thread.
func NewEngine(settings ...MultiSetting) (*Engine, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	multi := C.curlback_multi_new()
	if multi == nil {
		return nil, refused(ErrNoMemory)
	}
	own := &loop{multi: multi, ended: make(chan struct{}), transfers: map[*C.curlback_easy]*Transfer{}}
	data := hold(own)
	if err := refusal(C.curlback_go_on_done(multi, data)); err != nil {
		let(data)
		C.curlback_multi_release(multi)
		return nil, err
	}
	for _, setting := range settings {
		err := refusal(C.curlback_multi_set_int(multi, C.int32_t(setting.Option), C.int64_t(setting.Value)))
		if err != nil {
			C.curlback_multi_release(multi)
			return nil, err
		}
	}
	go own.run()
	engine := &Engine{loop: own}
	engine.cleanup = runtime.AddCleanup(engine, (*loop).stop, own)
	return engine, nil
}

// Perform does a transfer on the engine's thread and waits for its end. When the context is done it is cancelled: [ErrCancelled], with the
// context's cause in the chain of the error. Callbacks' errors and panics come out of it as of [Easy.Perform].
func (e *Engine) Perform(ctx context.Context, easy *Easy) error {
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	if err := e.loop.elsewhere(); err != nil {
		return err
	}
	transfer, err := e.Start(easy)
	if err != nil {
		return err
	}
	release := easy.cancelWith(ctx)
	<-transfer.done
	release()
	return because(ctx, transfer.Wait())
}

// Start begins a transfer, also from inside callbacks. Until it has ended the handle is the engine's: Cancel and Pause it, and leave all
// else of it to its callbacks.
func (e *Engine) Start(easy *Easy) (*Transfer, error) {
	transfer := &Transfer{engine: e, easy: easy, done: make(chan struct{})}
	if err := e.loop.enter(transfer); err != nil {
		return nil, err
	}
	err := e.loop.add(easy)
	if errors.Is(err, ErrBusy) || errors.Is(err, ErrInCallback) {
		// The loop is between two runs, or this is its thread. It takes the transfer when it runs again.
		e.loop.wait(transfer)
		return transfer, nil
	}
	if err != nil {
		e.loop.leave(easy.handle)
		return nil, err
	}
	return transfer, nil
}

// Close ends what is under way with [ErrCancelled], and the engine's thread. A second Close does nothing.
func (e *Engine) Close() error {
	if err := e.loop.elsewhere(); err != nil {
		return err
	}
	e.cleanup.Stop()
	e.loop.stop()
	<-e.loop.ended
	runtime.KeepAlive(e)
	return nil
}

// Done is closed when the transfer has ended.
func (t *Transfer) Done() <-chan struct{} {
	return t.done
}

// Wait waits for the transfer's end. It returns and panics as [Easy.Perform] does.
func (t *Transfer) Wait() error {
	select {
	case <-t.done:
	default:
		if err := t.engine.loop.elsewhere(); err != nil {
			return err
		}
		<-t.done
	}
	if t.raised != nil && t.raised.panicked {
		panic(t.raised.value)
	}
	return t.err
}

// Cancel ends the transfer with [ErrCancelled].
func (t *Transfer) Cancel() {
	select {
	case <-t.done:
	default:
		C.curlback_easy_cancel(t.easy.handle)
	}
}

// elsewhere refuses what would wait for the thread that it is called on.
func (l *loop) elsewhere() error {
	if l.thread.Load() == int64(syscall.Gettid()) {
		return &Error{Code: ErrInCallback, Message: "a callback on the engine's own thread would wait for itself: start a goroutine"}
	}
	return nil
}

func (l *loop) enter(transfer *Transfer) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.closing {
		return &Error{Code: ErrHandle, Message: "the engine is closed", Cause: l.failure}
	}
	if !transfer.easy.taken.CompareAndSwap(false, true) {
		return errTaken()
	}
	l.transfers[transfer.easy.handle] = transfer
	return nil
}

func (l *loop) add(easy *Easy) error {
	l.adding.Lock()
	defer l.adding.Unlock()
	return easy.ask(func() C.curlback_result { return C.curlback_multi_add(l.multi, easy.handle) })
}

func (l *loop) wait(transfer *Transfer) {
	l.mutex.Lock()
	l.waiting = append(l.waiting, transfer)
	l.mutex.Unlock()
	C.curlback_multi_stop(l.multi)
}

// take begins the transfers that wait, on the loop's own thread.
func (l *loop) take() {
	l.mutex.Lock()
	waiting := l.waiting
	l.waiting = nil
	l.mutex.Unlock()
	for _, transfer := range waiting {
		if err := l.add(transfer.easy); err != nil && l.leave(transfer.easy.handle) != nil {
			transfer.err = err
			close(transfer.done)
		}
	}
}

func (l *loop) leave(easy *C.curlback_easy) *Transfer {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	transfer := l.transfers[easy]
	if transfer != nil {
		delete(l.transfers, easy)
		transfer.easy.taken.Store(false)
	}
	return transfer
}

func (l *loop) stop() {
	l.mutex.Lock()
	l.closing = true
	l.mutex.Unlock()
	C.curlback_multi_stop(l.multi)
}

func (l *loop) stopped() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.closing
}

// run is the engine's thread.
func (l *loop) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l.thread.Store(int64(syscall.Gettid()))
	for !l.stopped() {
		l.take()
		result := C.curlback_multi_run(l.multi, C.CURLBACK_RUN_UNTIL_STOPPED)
		switch result {
		case C.CURLBACK_OK, C.CURLBACK_E_RAISED:
			// A callback that interrupts ends its own transfer alone.
		case C.CURLBACK_E_BUSY:
			// Somebody adds a handle: wait for that.
			l.adding.Lock()
			l.adding.Unlock()
		default:
			l.fail(refusal(result))
		}
	}
	l.thread.Store(0)
	l.adding.Lock()
	C.curlback_multi_close(l.multi)
	l.adding.Unlock()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for easy, transfer := range l.transfers {
		transfer.err = &Error{Code: ErrCancelled, Message: "the engine was closed", Cause: l.failure}
		transfer.raised = takeRaised(easy)
		transfer.easy.taken.Store(false)
		close(transfer.done)
	}
	clear(l.transfers)
	close(l.ended)
}

func (l *loop) fail(err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.closing = true
	l.failure = err
}

//export curlbackGoDone
func curlbackGoDone(multi *C.curlback_multi, easy *C.curlback_easy, result C.curlback_result, user C.uintptr_t) {
	transfer := cgo.Handle(user).Value().(*loop).leave(easy)
	if transfer == nil {
		return
	}
	transfer.err, transfer.raised = transfer.easy.outcome(result)
	C.curlback_multi_remove(multi, easy)
	close(transfer.done)
}
