package curlback

// #include "bridge.h"
import "C"

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Easy is a handle for one transfer at a time, with its options, callbacks, connections and caches. Close it; one that is forgotten is
// closed some time after the last reference to it is gone, also where its own callbacks refer to it.
type Easy struct {
	handle  *C.curlback_easy
	cleanup runtime.Cleanup
	// Whether an engine has it.
	taken atomic.Bool
	// The Multi that it is in.
	member atomic.Pointer[Multi]

	// Held for short calls that run nobody's code.
	mutex     sync.Mutex
	callbacks [kinds]*callback
	private   any
	// What OnPush returned for a transfer of this handle.
	pushed error
}

// NewEasy makes a handle with libcurl's default options.
func NewEasy() (*Easy, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	handle := C.curlback_easy_new()
	if handle == nil {
		return nil, refused(ErrNoMemory)
	}
	return newEasy(handle), nil
}

func newEasy(handle *C.curlback_easy) *Easy {
	easy := &Easy{handle: handle}
	easy.cleanup = runtime.AddCleanup(easy, func(handle *C.curlback_easy) {
		easies.Delete(key(handle))
		C.curlback_easy_release(handle)
	}, handle)
	return easy
}

// Close closes the handle: its connections end and its callbacks are let go of. It returns what OnHSTSWrite returned, which is called
// meanwhile, and panics with what a callback panics with. A second Close does nothing.
func (e *Easy) Close() error {
	ended := &closed{}
	closing.Store(key(e.handle), ended)
	defer closing.Delete(key(e.handle))
	err := e.ask(func() C.curlback_result {
		result := C.curlback_easy_close(e.handle)
		if result == C.CURLBACK_E_HANDLE {
			return C.CURLBACK_OK
		}
		return result
	})
	if err != nil {
		return err
	}
	e.cleanup.Stop()
	e.forget()
	e.leave(e.member.Load())
	easies.Delete(key(e.handle))
	return ended.outcome()
}

// Reset sets options, callbacks, destinations and sources back to those of a new handle. Connections, cookies and caches stay.
func (e *Easy) Reset() error {
	err := e.ask(func() C.curlback_result { return C.curlback_easy_reset(e.handle) })
	if err == nil {
		e.forget()
	}
	return err
}

func (e *Easy) forget() {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.callbacks = [kinds]*callback{}
}

// Duplicate makes a handle with the same options, callbacks, destinations and sources.
func (e *Easy) Duplicate() (*Easy, error) {
	var handle *C.curlback_easy
	err := e.ask(func() C.curlback_result { return C.curlback_easy_duplicate(e.handle, &handle) })
	if err != nil {
		return nil, err
	}
	return e.twin(handle), nil
}

// twin has a duplicate's handle.
func (e *Easy) twin(handle *C.curlback_easy) *Easy {
	twin := newEasy(handle)
	e.mutex.Lock()
	defer e.mutex.Unlock()
	twin.callbacks = e.callbacks
	return twin
}

// SetPrivate keeps a value with the handle, for who gets that from a Multi; nil keeps none. Reset keeps it, Duplicate does not copy it.
func (e *Easy) SetPrivate(value any) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.private = value
}

// Private is what SetPrivate keeps.
func (e *Easy) Private() any {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.private
}

// Curl is the CURL pointer underneath, for what this package lacks; nil where it is refused. curlback.h says what must be left alone.
func (e *Easy) Curl() unsafe.Pointer {
	defer runtime.KeepAlive(e)
	return C.curlback_easy_curl(e.handle)
}

// Option is an option of any type.
type Option interface{ number() C.int32_t }

// IntOption is an option that takes a number.
type IntOption int32

// StringOption is an option that takes a string.
type StringOption int32

// ListOption is an option that takes strings.
type ListOption int32

// BytesOption is an option that takes bytes.
type BytesOption int32

func (o IntOption) number() C.int32_t    { return C.int32_t(o) }
func (o StringOption) number() C.int32_t { return C.int32_t(o) }
func (o ListOption) number() C.int32_t   { return C.int32_t(o) }
func (o BytesOption) number() C.int32_t  { return C.int32_t(o) }

// SetInt sets an option that takes a number.
func (e *Easy) SetInt(option IntOption, value int64) error {
	return e.ask(func() C.curlback_result {
		return C.curlback_easy_set_int(e.handle, option.number(), C.int64_t(value))
	})
}

// SetBool sets an option that takes 1 and 0.
func (e *Easy) SetBool(option IntOption, value bool) error {
	if value {
		return e.SetInt(option, 1)
	}
	return e.SetInt(option, 0)
}

// SetString sets an option that takes a string.
func (e *Easy) SetString(option StringOption, value string) error {
	text, err := newText(value)
	if err != nil {
		return err
	}
	defer text.free()
	return e.ask(func() C.curlback_result {
		return C.curlback_easy_set_str(e.handle, option.number(), text.pointer)
	})
}

// SetList sets an option that takes strings; none unset it.
func (e *Easy) SetList(option ListOption, values ...string) error {
	texts, err := newTexts(values)
	if err != nil {
		return err
	}
	defer texts.free()
	return e.ask(func() C.curlback_result {
		return C.curlback_easy_set_list(e.handle, option.number(), texts.array, C.size_t(len(values)))
	})
}

// SetBytes sets an option that takes bytes, which are copied. OPT_POSTFIELDS makes the request a POST.
func (e *Easy) SetBytes(option BytesOption, value []byte) error {
	return e.ask(func() C.curlback_result {
		return C.curlback_go_set_bytes(e.handle, option.number(), pointerTo(value), C.size_t(len(value)))
	})
}

// Unset unsets an option that takes a string, strings or bytes; OPT_VERBOSE, OPT_NOPROGRESS and OPT_HSTS_CTRL follow the callbacks
// again. Any other number is [ErrType].
func (e *Easy) Unset(option Option) error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_unset(e.handle, option.number()) })
}

// IntInfo is an info that is a number.
type IntInfo int32

// FloatInfo is an info that is a floating-point number.
type FloatInfo int32

// StringInfo is an info that is a string.
type StringInfo int32

// ListInfo is an info that is strings.
type ListInfo int32

// GetInt is an info that is a number.
func (e *Easy) GetInt(info IntInfo) (int64, error) {
	var value C.int64_t
	err := e.ask(func() C.curlback_result { return C.curlback_easy_get_int(e.handle, C.int32_t(info), &value) })
	return int64(value), err
}

// GetFloat is an info that is a floating-point number: seconds, bytes or bytes a second.
func (e *Easy) GetFloat(info FloatInfo) (float64, error) {
	var value C.double
	err := e.ask(func() C.curlback_result { return C.curlback_easy_get_double(e.handle, C.int32_t(info), &value) })
	return float64(value), err
}

// GetString is an info that is a string; "" where libcurl has none.
func (e *Easy) GetString(info StringInfo) (string, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	var value *C.char
	err := e.ask(func() C.curlback_result { return C.curlback_easy_get_str(e.handle, C.int32_t(info), &value) })
	return C.GoString(value), err
}

// GetList is an info that is strings.
func (e *Easy) GetList(info ListInfo) ([]string, error) {
	var list *C.curlback_list
	err := e.ask(func() C.curlback_result { return C.curlback_easy_get_list(e.handle, C.int32_t(info), &list) })
	if err != nil {
		return nil, err
	}
	return listOf(list), nil
}

// Certificate has the fields ("Subject:...") of the server's certificate number index, from 0, after a transfer with OPT_CERTINFO.
func (e *Easy) Certificate(index int) ([]string, error) {
	var list *C.curlback_list
	err := e.ask(func() C.curlback_result { return C.curlback_easy_get_cert(e.handle, C.size_t(index), &list) })
	if err != nil {
		return nil, err
	}
	return listOf(list), nil
}
