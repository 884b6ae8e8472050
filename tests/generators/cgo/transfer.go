// The header by cgo.
package main

/*
#include <stdlib.h>

#include "system.h"

extern int64_t onWrite(curlback_easy *easy, uint8_t *data, size_t len, void *user_data);
extern void onDrop(void *user_data);

// Go's exports know no const.
static int64_t write_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  return onWrite(easy, (uint8_t *)data, len, user_data);
}

static curlback_result set_write(curlback_easy *easy, uintptr_t handle) {
  return curlback_easy_on_write(easy, write_body, (void *)handle, onDrop);
}
*/
import "C"

import (
	"fmt"
	"os"
	"runtime/cgo"
	"unsafe"
)

type body struct{ text []byte }

//export onWrite
func onWrite(_ *C.curlback_easy, data *C.uint8_t, length C.size_t, userData unsafe.Pointer) C.int64_t {
	into := cgo.Handle(uintptr(userData)).Value().(*body)
	into.text = append(into.text, unsafe.Slice((*byte)(data), int(length))...)
	return C.CURLBACK_ALL
}

//export onDrop
func onDrop(userData unsafe.Pointer) {
	cgo.Handle(uintptr(userData)).Delete()
	fmt.Println("dropped")
}

func main() {
	url := C.CString(os.Args[1])
	defer C.free(unsafe.Pointer(url))
	easy := C.curlback_easy_new()
	into := &body{}
	check(C.curlback_easy_set_str(easy, C.CURLBACK_OPT_URL, url))
	check(C.set_write(easy, C.uintptr_t(cgo.NewHandle(into))))
	check(C.curlback_easy_perform(easy))
	fmt.Print(string(into.text))
	check(C.curlback_easy_close(easy))
}

func check(result C.curlback_result) {
	if result != C.CURLBACK_OK {
		fmt.Fprintln(os.Stderr, C.GoString(C.curlback_last_error()))
		os.Exit(1)
	}
}
