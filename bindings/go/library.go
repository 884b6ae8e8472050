// Package curlback has libcurl's callbacks as Go functions, over the library curlback.
//
// An [Easy] does one transfer at a time: options are set, callbacks registered, and [Easy.Perform] returns when it has ended. An
// [Engine] does many at once on a thread of its own; a [Multi] does on the goroutine that drives it, in any event loop. What a callback
// returns as an error comes out of Perform, to be found by errors.Is and errors.As; what it panics with comes out of Perform as a
// panic with the same value.
//
// Callbacks run on the goroutine that performs, or on the engine's thread. Slices that they are given are libcurl's memory, which
// is there until the callback returns: copy what has to stay. While a handle performs, other goroutines may [Easy.Cancel] and
// [Easy.Pause] it; anything else answers [ErrBusy]. The C header curlback.h says the rest: each method is named after its function.
package curlback

// #include "bridge.h"
import "C"

import (
	"runtime"
	"strings"
	"unsafe"
)

// Version is the version of the library, "1.2.3".
func Version() string {
	return C.GoString(C.curlback_version())
}

// VersionNumber is the version of the library as a number, 0x010203 for 1.2.3.
func VersionNumber() uint32 {
	return uint32(C.curlback_version_number())
}

// LibcurlVersion is libcurl's own line, "libcurl/8.22.0 OpenSSL/3.0.19 ...".
func LibcurlVersion() string {
	return C.GoString(C.curlback_libcurl_version())
}

// LibcurlVersionNumber is the version of libcurl as a number, 0x081600 for 8.22.0.
func LibcurlVersionNumber() uint32 {
	return uint32(C.curlback_libcurl_version_number())
}

// LibcurlLinkage says how libcurl was linked: "system", "bundled" or "full".
func LibcurlLinkage() string {
	return C.GoString(C.curlback_libcurl_linkage())
}

// HasCallback says whether a callback can be used with this libcurl.
func HasCallback(callback Callback) bool {
	return bool(C.curlback_has_callback(C.int32_t(callback)))
}

// HasProtocol says whether libcurl speaks a protocol: "https", "wss", "sftp", in any case.
func HasProtocol(name string) bool {
	text, err := newText(name)
	if err != nil {
		return false
	}
	defer text.free()
	return bool(C.curlback_has_protocol(text.pointer))
}

// HasFeature says whether libcurl was built with a feature, by libcurl's names: "HSTS", "HTTP2", "SSL", in any case.
func HasFeature(name string) bool {
	text, err := newText(name)
	if err != nil {
		return false
	}
	defer text.free()
	return bool(C.curlback_has_feature(text.pointer))
}

// Protocols are those that libcurl speaks.
func Protocols() []string {
	return names(func(index C.size_t) *C.char { return C.curlback_protocol_name(index) })
}

// Features are those that libcurl was built with.
func Features() []string {
	return names(func(index C.size_t) *C.char { return C.curlback_feature_name(index) })
}

func names(at func(C.size_t) *C.char) []string {
	var names []string
	for name := at(0); name != nil; name = at(C.size_t(len(names))) {
		names = append(names, C.GoString(name))
	}
	return names
}

// OptionID is the number of an option by its name, "URL" or "CURLOPT_URL", in any case; 0 where it is unknown. Convert it to the
// type that the option takes.
func OptionID(name string) int32 {
	text, err := newText(name)
	if err != nil {
		return 0
	}
	defer text.free()
	return int32(C.curlback_option_id(text.pointer))
}

// InfoID is the number of an info by its name, as [OptionID].
func InfoID(name string) int32 {
	text, err := newText(name)
	if err != nil {
		return 0
	}
	defer text.free()
	return int32(C.curlback_info_id(text.pointer))
}

// OptionName is libcurl's name of an option, "URL"; "" where there is none of that number.
func OptionName(number int32) string {
	return C.GoString(C.curlback_option_name(C.int32_t(number)))
}

// InfoName is libcurl's name of an info, as [OptionName].
func InfoName(number int32) string {
	return C.GoString(C.curlback_info_name(C.int32_t(number)))
}

// LiveHandles is how many handles of all kinds there are: 0 in a program that closed all that it opened.
func LiveHandles() int {
	return int(C.curlback_live_handles())
}

// text is a string in C's memory.
type text struct {
	pointer *C.char
}

func newText(value string) (text, error) {
	if strings.IndexByte(value, 0) >= 0 {
		return text{}, &Error{Code: ErrRange, Message: "the string has a NUL in it"}
	}
	return text{C.CString(value)}, nil
}

func (t text) free() {
	C.free(unsafe.Pointer(t.pointer))
}

// texts are strings in C's memory, and an array of them.
type texts struct {
	array **C.char
	each  []*C.char
}

func newTexts(values []string) (texts, error) {
	t := texts{}
	for _, value := range values {
		one, err := newText(value)
		if err != nil {
			t.free()
			return texts{}, err
		}
		t.each = append(t.each, one.pointer)
	}
	if len(values) > 0 {
		t.array = (**C.char)(C.calloc(C.size_t(len(values)), C.size_t(unsafe.Sizeof(t.array))))
		copy(unsafe.Slice(t.array, len(values)), t.each)
	}
	return t, nil
}

func (t texts) free() {
	for _, one := range t.each {
		C.free(unsafe.Pointer(one))
	}
	C.free(unsafe.Pointer(t.array))
}

// listOf takes the strings out of a list and frees it.
func listOf(list *C.curlback_list) []string {
	defer C.curlback_list_free(list)
	strings := make([]string, C.curlback_list_len(list))
	for index := range strings {
		strings[index] = C.GoString(C.curlback_list_get(list, C.size_t(index)))
	}
	return strings
}

// ask calls C, and makes an error of its answer. What the library says of a failure it says to the thread that called.
func ask(function func() C.curlback_result) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return refusal(function())
}

// refusal is the error of a call that was just made on this thread.
func refusal(result C.curlback_result) error {
	if result == C.CURLBACK_OK {
		return nil
	}
	return &Error{Code: Code(result), Message: C.GoString(C.curlback_last_error())}
}

// refused is the error of a call on this thread that answered nothing.
func refused(code Code) error {
	return &Error{Code: code, Message: C.GoString(C.curlback_last_error())}
}

// pointerTo is where a slice begins in memory; libcurl gets it for the time of a call.
func pointerTo(data []byte) *C.uint8_t {
	return (*C.uint8_t)(unsafe.SliceData(data))
}

// bytesAt are bytes of C's.
func bytesAt(data *C.uint8_t, length C.size_t) []byte {
	return unsafe.Slice((*byte)(data), int(length))
}
