// The same as transfer_curlback.c on libcurl itself, through cgo.
package main

// #cgo pkg-config: libcurl
// #include <curl/curl.h>
// #include <stdint.h>
// #include <stdlib.h>
//
// extern size_t onBody(char *data, size_t size, size_t count, uintptr_t handle);
//
// static CURLcode set_long(CURL *curl, CURLoption option, long value) {
//   return curl_easy_setopt(curl, option, value);
// }
//
// static CURLcode set_string(CURL *curl, CURLoption option, const char *value) {
//   return curl_easy_setopt(curl, option, value);
// }
//
// static CURLcode set_write(CURL *curl, uintptr_t handle) {
//   CURLcode result = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, (curl_write_callback)onBody);
//   return result != CURLE_OK ? result : curl_easy_setopt(curl, CURLOPT_WRITEDATA, (void *)handle);
// }
//
// static CURLcode response_code(CURL *curl, long *code) {
//   return curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, code);
// }
import "C"

import (
	"errors"
	"runtime/cgo"
	"unsafe"

	"bench"
)

//export onBody
func onBody(data *C.char, size, count C.size_t, handle C.uintptr_t) C.size_t {
	work := cgo.Handle(handle).Value().(*bench.Work)
	work.Take(unsafe.Slice((*byte)(unsafe.Pointer(data)), int(size*count)))
	return size * count
}

func get(work *bench.Work, count int, url string) error {
	handle := cgo.NewHandle(work)
	defer handle.Delete()
	curl := C.curl_easy_init()
	defer C.curl_easy_cleanup(curl)
	address := C.CString(url)
	defer C.free(unsafe.Pointer(address))
	result := C.set_long(curl, C.CURLOPT_NOSIGNAL, 1)
	if result == C.CURLE_OK {
		result = C.set_string(curl, C.CURLOPT_URL, address)
	}
	if result == C.CURLE_OK {
		result = C.set_write(curl, C.uintptr_t(handle))
	}
	for i := 0; i < count && result == C.CURLE_OK; i++ {
		result = C.curl_easy_perform(curl)
	}
	var code C.long
	if result == C.CURLE_OK {
		result = C.response_code(curl, &code)
	}
	if result != C.CURLE_OK {
		return errors.New(C.GoString(C.curl_easy_strerror(result)))
	}
	if code != 200 {
		return errors.New("not a 200")
	}
	return nil
}

func main() {
	bench.Run(get)
}
