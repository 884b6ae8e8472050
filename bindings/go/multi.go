package curlback

// #include "bridge.h"
import "C"

import (
	"math"
	"runtime"
	"runtime/cgo"
	"sync"
	"time"
	"unsafe"
	"weak"
)

// Multi does many transfers at once on the goroutine that drives it: in its own loop, [Multi.Run]; in the program's, by [Multi.Perform] and
// [Multi.Poll]; or in another event loop, by [Multi.OnSocket], [Multi.OnTimer] and [Multi.SocketAction]. An [Engine] is simpler where
// goroutines only want transfers done.
//
// One goroutine drives it at a time. While it is in Run others may Add, Remove and Stop, and Cancel and Pause its handles. Close it; one
// that is forgotten is closed some time after the last reference to it is gone, also where its own callbacks refer to it.
type Multi struct {
	handle  *C.curlback_multi
	cleanup runtime.Cleanup

	// Held for short calls that run nobody's code.
	mutex     sync.Mutex
	callbacks [multiKinds]*callback
	// Kept from the collector while they are in it.
	members map[*C.curlback_easy]*Easy
}

// multiKinds is more than the number of any callback.
const multiKinds = C.CURLBACK_CALLBACK_MULTI_PUSH + 1

// easies finds the Easy of a handle that is or was in a Multi.
var easies sync.Map

// NewMulti makes a multi handle without transfers.
func NewMulti(settings ...MultiSetting) (*Multi, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	handle := C.curlback_multi_new()
	if handle == nil {
		return nil, refused(ErrNoMemory)
	}
	multi := &Multi{handle: handle, members: map[*C.curlback_easy]*Easy{}}
	multi.cleanup = runtime.AddCleanup(multi, func(handle *C.curlback_multi) { C.curlback_multi_release(handle) }, handle)
	for _, setting := range settings {
		if err := multi.Set(setting.Option, setting.Value); err != nil {
			multi.cleanup.Stop()
			C.curlback_multi_release(handle)
			return nil, err
		}
	}
	return multi, nil
}

// Set sets an option, MOPT_*; from inside OnDone and OnNotify alone of the callbacks.
func (m *Multi) Set(option MultiOption, value int64) error {
	return m.ask(func() C.curlback_result {
		return C.curlback_multi_set_int(m.handle, C.int32_t(option), C.int64_t(value))
	})
}

// Curl is the CURLM pointer underneath, for what this package lacks; nil where it is refused. curlback.h says what must be left alone.
func (m *Multi) Curl() unsafe.Pointer {
	defer runtime.KeepAlive(m)
	return C.curlback_multi_curl(m.handle)
}

// Close closes it. Its easy handles leave it and live on: what was under way ends with [ErrCancelled]. It returns and panics with what
// OnSocket and OnTimer do meanwhile. A second Close does nothing.
func (m *Multi) Close() error {
	ended := &closed{}
	closing.Store(m.key(), ended)
	defer closing.Delete(m.key())
	err := m.ask(func() C.curlback_result {
		result := C.curlback_multi_close(m.handle)
		if result == C.CURLBACK_E_HANDLE {
			return C.CURLBACK_OK
		}
		return result
	})
	if err != nil {
		return err
	}
	m.cleanup.Stop()
	m.mutex.Lock()
	members := m.members
	m.members = map[*C.curlback_easy]*Easy{}
	m.callbacks = [multiKinds]*callback{}
	m.mutex.Unlock()
	for _, easy := range members {
		easy.member.CompareAndSwap(m, nil)
	}
	return ended.outcome()
}

// Add begins a transfer with the next call that drives it. The handle stays in it until it is removed or closed; where it cannot be added,
// and another goroutine is in Run, OnDone may be told.
func (m *Multi) Add(easy *Easy) error {
	if easy.taken.Load() {
		return errTaken()
	}
	defer runtime.KeepAlive(easy)
	// On_done may come before the call returns.
	before := easy.member.Swap(m)
	m.keep(easy)
	err := m.drive(func() C.curlback_result { return C.curlback_multi_add(m.handle, easy.handle) })
	if err != nil {
		easy.member.Store(before)
		if before != m {
			m.forget(easy)
		}
	}
	return err
}

// Remove takes a handle out, whether its transfer has ended or not. While another goroutine is in Run that one carries it out.
func (m *Multi) Remove(easy *Easy) error {
	defer runtime.KeepAlive(easy)
	err := m.drive(func() C.curlback_result { return C.curlback_multi_remove(m.handle, easy.handle) })
	if err == nil {
		easy.leave(m)
	}
	return err
}

// Until says when [Multi.Run] returns.
type Until int32

// When Run returns.
const (
	UntilDone    Until = C.CURLBACK_RUN_UNTIL_DONE    // no transfer is under way any more
	UntilStopped Until = C.CURLBACK_RUN_UNTIL_STOPPED // Stop was called
)

// Run runs the transfers on the library's own event loop.
//
// What a callback of an easy handle panics with comes out of it, and of whatever else drives the transfers, as a panic; errors are of their
// transfers, for OnDone and NextDone. What the Multi's own callbacks return and panic with comes out of it too: an error of OnSocket or
// OnTimer ends every transfer, a panic ends none, and the next call goes on. Where several panic in one call it is the first: OnDone
// and NextDone have those of easy handles as [Panicked], and each of the Multi's own comes out of one of the next calls.
func (m *Multi) Run(until Until) error {
	return m.drive(func() C.curlback_result { return C.curlback_multi_run(m.handle, C.int32_t(until)) })
}

// Stop makes Run return soon. From any goroutine.
func (m *Multi) Stop() error {
	return m.ask(func() C.curlback_result { return C.curlback_multi_stop(m.handle) })
}

// Wakeup makes Poll return. From any goroutine.
func (m *Multi) Wakeup() error {
	return m.ask(func() C.curlback_result { return C.curlback_multi_wakeup(m.handle) })
}

// Perform does what can be done without waiting, and says how many transfers are under way. Errors and panics as of [Multi.Run].
func (m *Multi) Perform() (running int, err error) {
	var count C.int32_t
	err = m.drive(func() C.curlback_result { return C.curlback_multi_perform(m.handle, &count) })
	return int(count), err
}

// Events are what to wait for on a descriptor, and what there is.
type Events int16

// What to wait for.
const (
	WaitIn  Events = C.CURLBACK_WAIT_IN
	WaitPri Events = C.CURLBACK_WAIT_PRI
	WaitOut Events = C.CURLBACK_WAIT_OUT
)

// WaitFD is a descriptor to wait for.
type WaitFD struct {
	FD     int
	Events Events
	// Ready is what there is, after waiting.
	Ready Events
}

// Poll waits until there is something to do for a transfer or on one of the extra descriptors, or until the time is up or [Multi.Wakeup].
// It says on how many descriptors something happened.
func (m *Multi) Poll(timeout time.Duration, extra ...*WaitFD) (ready int, err error) {
	fds := make([]C.curlback_wait_fd, len(extra))
	for index, fd := range extra {
		fds[index] = C.curlback_wait_fd{socket: C.curlback_socket(fd.FD), events: C.int16_t(fd.Events)}
	}
	var count C.int32_t
	err = m.drive(func() C.curlback_result {
		return C.curlback_multi_poll(m.handle, unsafe.SliceData(fds), C.size_t(len(fds)), milliseconds(timeout), &count)
	})
	for index, fd := range extra {
		fd.Ready = Events(fds[index].revents)
	}
	return int(count), err
}

// milliseconds are as many as C can have, and more rather than less.
func milliseconds(duration time.Duration) C.int32_t {
	return C.int32_t(min((duration+time.Millisecond-1)/time.Millisecond, math.MaxInt32))
}

// WaitFDs are what to wait for in a loop of one's own kind before each [Multi.Perform].
func (m *Multi) WaitFDs() ([]WaitFD, error) {
	var fds []C.curlback_wait_fd
	for {
		var count C.size_t
		err := m.ask(func() C.curlback_result {
			return C.curlback_multi_wait_fds(m.handle, unsafe.SliceData(fds), C.size_t(len(fds)), &count)
		})
		if err != nil {
			return nil, err
		}
		if int(count) <= len(fds) {
			fds = fds[:count]
			break
		}
		fds = make([]C.curlback_wait_fd, count)
	}
	found := make([]WaitFD, len(fds))
	for index, fd := range fds {
		found[index] = WaitFD{FD: int(fd.socket), Events: Events(fd.events)}
	}
	return found, nil
}

// Timeout is in how long libcurl wants to be called at the latest; negative where it does not.
func (m *Multi) Timeout() (time.Duration, error) {
	var milliseconds C.int64_t
	err := m.ask(func() C.curlback_result { return C.curlback_multi_timeout(m.handle, &milliseconds) })
	return duration(milliseconds), err
}

// duration is -1 where libcurl says so.
func duration(milliseconds C.int64_t) time.Duration {
	if milliseconds < 0 {
		return -1
	}
	return time.Duration(milliseconds) * time.Millisecond
}

// Done is a transfer that has ended.
type Done struct {
	Easy *Easy
	// Err is what Perform would have returned. A panic of a callback is in its chain, as [Panicked].
	Err error
}

// NextDone hands out one transfer that has ended; nil where there is none, and always while OnDone is set.
func (m *Multi) NextDone() *Done {
	defer runtime.KeepAlive(m)
	var handle *C.curlback_easy
	var result C.curlback_result
	if !C.curlback_multi_next_done(m.handle, &handle, &result) {
		return nil
	}
	return m.done(handle, result)
}

func (m *Multi) done(handle *C.curlback_easy, result C.curlback_result) *Done {
	easy := easyOf(handle)
	if easy == nil {
		return &Done{Err: &Error{Code: Code(result), CurlCode: Code(result), Message: Code(result).Error()}}
	}
	err, what := easy.outcome(result)
	if what != nil && what.panicked {
		err = &Error{Code: Code(result), Message: "a callback panicked", Cause: &Panicked{what.value, what.stack}}
	}
	return &Done{easy, err}
}

func (m *Multi) key() uintptr {
	return uintptr(unsafe.Pointer(m.handle))
}

func (m *Multi) ask(function func() C.curlback_result) error {
	defer runtime.KeepAlive(m)
	return ask(function)
}

// drive is ask for what runs callbacks.
func (m *Multi) drive(function func() C.curlback_result) error {
	defer runtime.KeepAlive(m)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	result := function()
	if result == C.CURLBACK_OK {
		return nil
	}
	err := refusal(result).(*Error)
	var record C.curlback_error
	// A call that was refused has no record of its own.
	if C.curlback_multi_error(m.handle, &record) != C.CURLBACK_OK || record.result != result && result != C.CURLBACK_E_RAISED {
		return err
	}
	err.Callback = Callback(record.callback)
	var what *raised
	if record.easy != nil {
		// Its transfer has it still, for OnDone and NextDone.
		what = shown(record)
	} else if payload := C.curlback_go_take_multi_payload(m.handle); payload != 0 {
		what = cgo.Handle(payload).Value().(*raised)
		let(payload)
	}
	if what == nil {
		return err
	}
	if what.panicked {
		what.told.Store(true)
		panic(what.value)
	}
	err.Cause = what.err
	return err
}

// shown is the payload of a record, which keeps it.
func shown(record C.curlback_error) *raised {
	if record.payload == nil {
		return nil
	}
	return cgo.Handle(uintptr(record.payload)).Value().(*raised)
}

// keep makes the Easy known to the callbacks, and has it live while it is in here.
func (m *Multi) keep(easy *Easy) {
	easies.Store(key(easy.handle), weak.Make(easy))
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.members[easy.handle] = easy
}

func (m *Multi) forget(easy *Easy) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	delete(m.members, easy.handle)
}

// leave is for a handle that is no longer in the Multi.
func (e *Easy) leave(multi *Multi) {
	if multi != nil && e.member.CompareAndSwap(multi, nil) {
		multi.forget(e)
	}
}

// easyOf is the Easy of a handle; nil for those that libcurl has for itself, and those that are closed.
func easyOf(handle *C.curlback_easy) *Easy {
	if handle == nil {
		return nil
	}
	found, known := easies.Load(key(handle))
	if !known {
		return nil
	}
	return found.(weak.Pointer[Easy]).Value()
}
