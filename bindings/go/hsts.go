package curlback

// #include "bridge.h"
import "C"

import (
	"io"
	"math"
	"time"
)

// HSTSEntry is a host that is to be reached over HTTPS alone.
type HSTSEntry struct {
	Host string
	// Expire is in whole seconds; the zero Time is never.
	Expire time.Time
	// IncludeSubdomains says whether the names below it are meant too.
	IncludeSubdomains bool
}

// OnHSTSRead calls a function for the hosts that are known to be reached over HTTPS alone, at the start of each transfer and when the
// handle is duplicated, until it returns io.EOF; nil unsets. OPT_HSTS_CTRL follows it.
func (e *Easy) OnHSTSRead(function func() (HSTSEntry, error)) error {
	return e.on(CallbackHSTSRead, function, function == nil, 0)
}

// OnHSTSWrite calls a function for each host in libcurl's HSTS cache, entry number index of total, while [Easy.Close] closes the handle;
// nil unsets. io.EOF ends it early, any other error too: Close returns it.
func (e *Easy) OnHSTSWrite(function func(entry HSTSEntry, index, total int) error) error {
	return e.on(CallbackHSTSWrite, function, function == nil, 0)
}

//export curlbackGoHSTSRead
func curlbackGoHSTSRead(easy *C.curlback_easy, slot *C.curlback_hsts_slot, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_HSTS_FAIL, func(function func() (HSTSEntry, error)) (C.int32_t, error) {
		entry, err := function()
		if err == io.EOF {
			return C.CURLBACK_HSTS_DONE, nil
		}
		if err != nil {
			return 0, err
		}
		host, err := newText(entry.Host)
		if err != nil {
			return 0, err
		}
		defer host.free()
		expire := int64(math.MaxInt64)
		if !entry.Expire.IsZero() {
			expire = entry.Expire.Unix()
		}
		return C.CURLBACK_HSTS_OK, ask(func() C.curlback_result {
			return C.curlback_hsts_fill(slot, host.pointer, C.size_t(len(entry.Host)), C.int64_t(expire),
				C.bool(entry.IncludeSubdomains))
		})
	})
}

//export curlbackGoHSTSWrite
func curlbackGoHSTSWrite(easy *C.curlback_easy, entry *C.curlback_hsts_entry, index, total C.size_t, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_HSTS_FAIL, func(function func(HSTSEntry, int, int) error) (C.int32_t, error) {
		given := HSTSEntry{
			Host:              C.GoStringN(entry.host, C.int(entry.host_len)),
			IncludeSubdomains: bool(entry.include_subdomains),
		}
		if entry.expire != math.MaxInt64 {
			given.Expire = time.Unix(int64(entry.expire), 0).UTC()
		}
		err := function(given, int(index), int(total))
		if err == io.EOF {
			return C.CURLBACK_HSTS_DONE, nil
		}
		return C.CURLBACK_HSTS_OK, err
	})
}
