package curlback

// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/cgo"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"
)

// ErrPause is what OnWrite, OnHeader, OnRead and the callbacks of a mime's part return to pause their direction, until [Easy.Pause]
// resumes it. What was received is delivered again then.
var ErrPause = errors.New("curlback: pause")

// kinds is more than the number of any callback of an easy handle.
const kinds = C.CURLBACK_CALLBACK_WS_MESSAGE + 1

// callback is a registered function.
type callback struct {
	function any
}

// userData is what the user data of a callback stands for. The function is the easy handle's, not this one's: else a function that uses
// its own handle would keep it from ever being collected.
type userData struct {
	callback weak.Pointer[callback]
	// Set where the function has to outlive its handle.
	held *callback
}

// alive counts the user data and the payloads that the library holds.
var alive atomic.Int64

func hold(value any) C.uintptr_t {
	alive.Add(1)
	return C.uintptr_t(cgo.NewHandle(value))
}

// let goes of what hold returned.
func let(data C.uintptr_t) {
	cgo.Handle(data).Delete()
	alive.Add(-1)
}

//export curlbackGoDrop
func curlbackGoDrop(data C.uintptr_t) {
	let(data)
}

// on registers a function; none where unset is true.
func (e *Easy) on(kind Callback, function any, unset bool, limit int) error {
	// Whoever registers last here has to be the last there too. Nothing but drop functions runs meanwhile.
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if unset {
		err := e.ask(func() C.curlback_result { return C.curlback_go_on(e.handle, C.int32_t(kind), 0, 0) })
		if err == nil {
			e.callbacks[kind] = nil
		}
		return err
	}
	own := &callback{function}
	user := &userData{callback: weak.Make(own)}
	if kind == CallbackCloseSocket {
		user.held = own
	}
	data := hold(user)
	err := e.ask(func() C.curlback_result {
		return C.curlback_go_on(e.handle, C.int32_t(kind), data, C.size_t(limit))
	})
	if err != nil {
		let(data)
		return err
	}
	e.callbacks[kind] = own
	return nil
}

var errCollected = errors.New("curlback: the callback's handle is gone")

// run calls the Go function that `data` stands for. An error or a panic is kept for whoever performs, and `failed` is what libcurl gets.
func run[F, R any](easy *C.curlback_easy, data C.uintptr_t, failed R, call func(function F) (R, error)) (answer R) {
	returned := false
	defer func() {
		if !returned {
			answer = failed
			raise(easy, recovered(recover()))
		}
	}()
	user := cgo.Handle(data).Value().(*userData)
	own := user.held
	if own == nil {
		own = user.callback.Value()
	}
	err := errCollected
	if own != nil {
		answer, err = call(own.function.(F))
	}
	if err != nil {
		answer = failed
		raise(easy, &raised{err: err})
	}
	returned = true
	return answer
}

// recovered is for what a callback panicked with.
func recovered(value any) *raised {
	if value == nil {
		panic("curlback: runtime.Goexit inside a callback (testing's FailNow calls it): libcurl's own frames are below. " +
			"Return an error instead, and call it when Perform has returned")
	}
	return &raised{panicked: true, value: value, stack: debug.Stack()}
}

// raised is the payload of what a callback raised.
type raised struct {
	// The handle's number.
	by       uintptr
	err      error
	panicked bool
	value    any
	stack    []byte
	// Whether a Multi has panicked with it, whose easy handle has it still.
	told atomic.Bool
}

func raise(easy *C.curlback_easy, what *raised) {
	what.by = key(easy)
	what.raise(func(severity C.int32_t, message *C.char, payload C.uintptr_t) C.curlback_result {
		return C.curlback_go_raise(easy, severity, message, payload)
	})
}

func raiseMulti(multi *C.curlback_multi, what *raised) {
	what.by = uintptr(unsafe.Pointer(multi))
	what.raise(func(severity C.int32_t, message *C.char, payload C.uintptr_t) C.curlback_result {
		return C.curlback_go_multi_raise(multi, severity, message, payload)
	})
}

func (r *raised) raise(call func(severity C.int32_t, message *C.char, payload C.uintptr_t) C.curlback_result) {
	severity, sentence := C.int32_t(C.CURLBACK_RAISE_ERROR), ""
	if r.panicked {
		severity, sentence = C.CURLBACK_RAISE_INTERRUPT, "a Go callback panicked"
	} else {
		sentence = r.err.Error()
	}
	message := C.CString(strings.ReplaceAll(sentence, "\x00", " "))
	defer C.free(unsafe.Pointer(message))
	payload := hold(r)
	if call(severity, message, payload) != C.CURLBACK_OK {
		let(payload)
		r.lost()
	}
}

//export curlbackGoDropPayload
func curlbackGoDropPayload(payload C.uintptr_t) {
	what := cgo.Handle(payload).Value().(*raised)
	let(payload)
	if what.told.Load() {
		return
	}
	if close, found := closing.Load(what.by); found {
		close.(*closed).add(what)
		return
	}
	what.lost()
}

// lost is called for what no call hands on. An error does not matter then; a panic ends the program, as one that nobody recovers does.
func (r *raised) lost() {
	if !r.panicked {
		return
	}
	sentence := fmt.Sprintf("curlback: a callback panicked where no call can hand the panic on: %v\n"+
		"Recover inside callbacks that can run when their handle is gone, or for none: OnCloseSocket, a share's OnLock, or OnHSTSWrite on "+
		"a handle that was not closed by Close\n\n%s", r.value, r.stack)
	// Not here: the frames below are C's.
	go panic(sentence)
}

// takeRaised is what a callback of the last transfer raised; nil where none did.
func takeRaised(easy *C.curlback_easy) *raised {
	payload := C.curlback_go_take_payload(easy)
	if payload == 0 {
		return nil
	}
	defer let(payload)
	return cgo.Handle(payload).Value().(*raised)
}

// closing has the handles that are being closed: what their callbacks raise meanwhile goes to Close.
var closing sync.Map

type closed struct {
	mutex sync.Mutex
	first *raised
}

func (c *closed) add(what *raised) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.first == nil || what.panicked && !c.first.panicked {
		c.first = what
	}
}

// outcome is what Close returns, or panics with.
func (c *closed) outcome() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.first == nil {
		return nil
	}
	if c.first.panicked {
		panic(c.first.value)
	}
	return c.first.err
}

func key(easy *C.curlback_easy) uintptr {
	return uintptr(unsafe.Pointer(easy))
}

func (e *Easy) ask(function func() C.curlback_result) error {
	defer runtime.KeepAlive(e)
	return ask(function)
}
