package curlback

// #include "bridge.h"
import "C"

// DebugKind is what OnDebug is shown.
type DebugKind int32

// What OnDebug is shown.
const (
	DebugText       DebugKind = C.CURLBACK_DEBUG_TEXT
	DebugHeaderIn   DebugKind = C.CURLBACK_DEBUG_HEADER_IN
	DebugHeaderOut  DebugKind = C.CURLBACK_DEBUG_HEADER_OUT
	DebugDataIn     DebugKind = C.CURLBACK_DEBUG_DATA_IN
	DebugDataOut    DebugKind = C.CURLBACK_DEBUG_DATA_OUT
	DebugTLSDataIn  DebugKind = C.CURLBACK_DEBUG_TLS_DATA_IN
	DebugTLSDataOut DebugKind = C.CURLBACK_DEBUG_TLS_DATA_OUT
)

// OnDebug calls a function with what libcurl does and what goes over the wire; nil unsets. OPT_VERBOSE follows it.
func (e *Easy) OnDebug(function func(kind DebugKind, data []byte)) error {
	return e.on(CallbackDebug, function, function == nil, 0)
}

// Progress is how far a transfer is, in bytes; a total that is not known is 0.
type Progress struct {
	DownloadTotal, DownloadNow, UploadTotal, UploadNow int64
}

// OnXferinfo calls a function with how far the transfer is, about once a second and more often while data moves; nil unsets. OPT_NOPROGRESS
// follows it.
func (e *Easy) OnXferinfo(function func(progress Progress) error) error {
	return e.on(CallbackXferinfo, function, function == nil, 0)
}

// OnProgress is OnXferinfo as libcurl had it before, and is not called where both are set.
func (e *Easy) OnProgress(function func(downloadTotal, downloadNow, uploadTotal, uploadNow float64) error) error {
	return e.on(CallbackProgress, function, function == nil, 0)
}

//export curlbackGoDebug
func curlbackGoDebug(easy *C.curlback_easy, kind C.int32_t, data *C.uint8_t, length C.size_t, user C.uintptr_t) {
	run(easy, user, struct{}{}, func(function func(DebugKind, []byte)) (struct{}, error) {
		function(DebugKind(kind), bytesAt(data, length))
		return struct{}{}, nil
	})
}

//export curlbackGoXferinfo
func curlbackGoXferinfo(easy *C.curlback_easy, downloadTotal, downloadNow, uploadTotal, uploadNow C.int64_t, user C.uintptr_t) C.int32_t {
	return run(easy, user, 1, func(function func(Progress) error) (C.int32_t, error) {
		return 0, function(Progress{int64(downloadTotal), int64(downloadNow), int64(uploadTotal), int64(uploadNow)})
	})
}

//export curlbackGoProgress
func curlbackGoProgress(easy *C.curlback_easy, downloadTotal, downloadNow, uploadTotal, uploadNow C.double, user C.uintptr_t) C.int32_t {
	return run(easy, user, 1, func(function func(a, b, c, d float64) error) (C.int32_t, error) {
		return 0, function(float64(downloadTotal), float64(downloadNow), float64(uploadTotal), float64(uploadNow))
	})
}
