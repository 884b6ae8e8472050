package curlback

// #include "bridge.h"
import "C"

import (
	"runtime/cgo"
	"time"
	"unsafe"
	"weak"
)

// OnDone calls a function for each transfer that ends, with what Perform would have returned; a panic of a callback is in its chain,
// as [Panicked]. It may add, remove and close handles. nil unsets: [Multi.NextDone] hands out what ends then.
func (m *Multi) OnDone(function func(done *Done)) error {
	return m.on(CallbackMultiDone, function, function == nil)
}

// Notification is what [Multi.OnNotify] is called for.
type Notification int32

// What OnNotify is called for.
const (
	NotifyInfoRead Notification = C.CURLBACK_NOTIFY_INFO_READ // transfers have ended: see NextDone
	NotifyEasyDone Notification = C.CURLBACK_NOTIFY_EASY_DONE // the transfer of easy has ended
)

// OnNotify calls a function for the notifications that [Multi.Notify] enables; easy is nil where one is not of a handle. nil unsets.
func (m *Multi) OnNotify(function func(notification Notification, easy *Easy)) error {
	return m.on(CallbackMultiNotify, function, function == nil)
}

// Notify switches a notification on or off.
func (m *Multi) Notify(notification Notification, enabled bool) error {
	return m.ask(func() C.curlback_result {
		return C.curlback_multi_notify(m.handle, C.int32_t(notification), C.bool(enabled))
	})
}

// Interest is what a loop is to wait for on a socket.
type Interest int32

// What to wait for on a socket.
const (
	PollNone   Interest = C.CURLBACK_POLL_NONE   // nothing for now
	PollIn     Interest = C.CURLBACK_POLL_IN     // that it can be read
	PollOut    Interest = C.CURLBACK_POLL_OUT    // that it can be written
	PollInOut  Interest = C.CURLBACK_POLL_INOUT  // either
	PollRemove Interest = C.CURLBACK_POLL_REMOVE // nothing any more
)

// SocketEvents are what happened on a socket.
type SocketEvents int32

// What happened on a socket.
const (
	SelectIn  SocketEvents = C.CURLBACK_SELECT_IN
	SelectOut SocketEvents = C.CURLBACK_SELECT_OUT
	SelectErr SocketEvents = C.CURLBACK_SELECT_ERR
)

// SocketTimeout is what [Multi.SocketAction] is called with when the time has come that OnTimer was told.
const SocketTimeout = int(C.CURLBACK_SOCKET_TIMEOUT)

// OnSocket calls a function with what a loop is to wait for on which socket, used for which handle: nil for those that libcurl has for
// itself. data is what [Multi.Assign] keeps. An error ends every transfer. Register it before the first Add. nil unsets.
func (m *Multi) OnSocket(function func(easy *Easy, fd int, what Interest, data any) error) error {
	return m.on(CallbackMultiSocket, function, function == nil)
}

// OnTimer calls a function when the time changes after which libcurl wants SocketAction(SocketTimeout, 0); a negative one: not at all. An
// error ends every transfer. Register it before the first Add. nil unsets.
func (m *Multi) OnTimer(function func(timeout time.Duration) error) error {
	return m.on(CallbackMultiTimer, function, function == nil)
}

// SocketAction has the transfers of a socket do what they can without waiting, and says how many are under way. No events: libcurl looks
// for itself. Errors and panics as of [Multi.Run].
func (m *Multi) SocketAction(fd int, events SocketEvents) (running int, err error) {
	var count C.int32_t
	err = m.drive(func() C.curlback_result {
		return C.curlback_multi_socket_action(m.handle, C.curlback_socket(fd), C.int32_t(events), &count)
	})
	return int(count), err
}

// Assign keeps a value with a socket that OnSocket was called for, until that is called with PollRemove. nil keeps none.
func (m *Multi) Assign(fd int, data any) error {
	if data == nil {
		return m.ask(func() C.curlback_result { return C.curlback_go_assign(m.handle, C.curlback_socket(fd), 0) })
	}
	held := hold(data)
	err := m.ask(func() C.curlback_result { return C.curlback_go_assign(m.handle, C.curlback_socket(fd), held) })
	if err != nil {
		let(held)
	}
	return err
}

// OnPush calls a function for each transfer that an HTTP/2 server pushes, which says whether it is wanted: pushed, a duplicate of parent, is
// then in the Multi, and the program's to close. An error refuses it and ends the transfer of parent. nil unsets: all are refused.
func (m *Multi) OnPush(function func(parent, pushed *Easy, headers []string) (wanted bool, err error)) error {
	return m.on(CallbackMultiPush, function, function == nil)
}

func (m *Multi) on(kind Callback, function any, unset bool) error {
	// As Easy.on.
	m.mutex.Lock()
	defer m.mutex.Unlock()
	set := func(data C.uintptr_t) error {
		return m.ask(func() C.curlback_result { return C.curlback_go_multi_on(m.handle, C.int32_t(kind), data) })
	}
	if unset {
		err := set(0)
		if err == nil {
			m.callbacks[kind] = nil
		}
		return err
	}
	own := &callback{function}
	data := hold(&multiData{weak.Make(m), weak.Make(own)})
	if err := set(data); err != nil {
		let(data)
		return err
	}
	m.callbacks[kind] = own
	return nil
}

// multiData is what the user data of a Multi's callback stands for.
type multiData struct {
	multi    weak.Pointer[Multi]
	callback weak.Pointer[callback]
}

// runMulti calls the Go function that `data` stands for, as run does. One that is gone is that of a Multi which the collector found: it
// closes, and `gone` is the answer.
func runMulti[F, R any](handle *C.curlback_multi, data C.uintptr_t, gone R, call func(multi *Multi, function F) R) (answer R) {
	user := cgo.Handle(data).Value().(*multiData)
	multi, own := user.multi.Value(), user.callback.Value()
	if multi == nil || own == nil {
		return gone
	}
	returned := false
	defer func() {
		if !returned {
			answer = gone
			raiseMulti(handle, recovered(recover()))
		}
	}()
	answer = call(multi, own.function.(F))
	returned = true
	return answer
}

// told makes the answer of a callback of its error: -1 fails every transfer.
func told(handle *C.curlback_multi, err error) C.int32_t {
	if err == nil {
		return 0
	}
	raiseMulti(handle, &raised{err: err})
	return -1
}

//export curlbackGoMultiDone
func curlbackGoMultiDone(handle *C.curlback_multi, easy *C.curlback_easy, result C.curlback_result, user C.uintptr_t) {
	runMulti(handle, user, 0, func(multi *Multi, function func(*Done)) int {
		function(multi.done(easy, result))
		return 0
	})
}

//export curlbackGoMultiNotify
func curlbackGoMultiNotify(handle *C.curlback_multi, notification C.int32_t, easy *C.curlback_easy, user C.uintptr_t) {
	runMulti(handle, user, 0, func(_ *Multi, function func(Notification, *Easy)) int {
		function(Notification(notification), easyOf(easy))
		return 0
	})
}

//export curlbackGoMultiSocket
func curlbackGoMultiSocket(handle *C.curlback_multi, easy *C.curlback_easy, fd C.curlback_socket, what C.int32_t, data, user C.uintptr_t) C.int32_t {
	return runMulti(handle, user, 0, func(_ *Multi, function func(*Easy, int, Interest, any) error) C.int32_t {
		var assigned any
		if data != 0 {
			assigned = cgo.Handle(data).Value()
		}
		return told(handle, function(easyOf(easy), int(fd), Interest(what), assigned))
	})
}

//export curlbackGoMultiTimer
func curlbackGoMultiTimer(handle *C.curlback_multi, milliseconds C.int64_t, user C.uintptr_t) C.int32_t {
	return runMulti(handle, user, 0, func(_ *Multi, function func(time.Duration) error) C.int32_t {
		return told(handle, function(duration(milliseconds)))
	})
}

//export curlbackGoMultiPush
func curlbackGoMultiPush(handle *C.curlback_multi, from, to *C.curlback_easy, headers **C.char, count C.size_t, user C.uintptr_t) C.int32_t {
	const denied C.int32_t = C.CURLBACK_PUSH_DENY
	type want = func(parent, pushed *Easy, headers []string) (bool, error)
	return runMulti(handle, user, denied, func(multi *Multi, function want) C.int32_t {
		parent := easyOf(from)
		if parent == nil {
			return denied
		}
		lines := make([]string, count)
		for index, line := range unsafe.Slice(headers, int(count)) {
			lines[index] = C.GoString(line)
		}
		pushed := parent.twin(to)
		wanted, err := false, error(nil)
		defer func() {
			if !wanted || err != nil {
				// The library closes it.
				pushed.cleanup.Stop()
				pushed.forget()
			}
		}()
		wanted, err = function(parent, pushed, lines)
		switch {
		case err != nil:
			parent.mutex.Lock()
			parent.pushed = err
			parent.mutex.Unlock()
			return C.CURLBACK_PUSH_ERROR
		case !wanted:
			return denied
		}
		pushed.member.Store(multi)
		multi.keep(pushed)
		return C.CURLBACK_PUSH_OK
	})
}
