package curlback

// #include "bridge.h"
import "C"

import "unsafe"

// Connection is what a request is about to be sent over. The addresses are numeric; "" and 0 or -1 where there is none.
type Connection struct {
	PrimaryIP, LocalIP     string
	PrimaryPort, LocalPort int
}

// OnPrereq calls a function before each request, with the connection that it will go over; nil unsets.
func (e *Easy) OnPrereq(function func(connection Connection) error) error {
	return e.on(CallbackPrereq, function, function == nil, 0)
}

// OnTrailer calls a function for the trailers of an upload in chunks, "Name: value" each, once its body has been sent; nil unsets.
func (e *Easy) OnTrailer(function func() ([]string, error)) error {
	return e.on(CallbackTrailer, function, function == nil, 0)
}

// OnResolverStart calls a function before each name resolution; nil unsets.
func (e *Easy) OnResolverStart(function func() error) error {
	return e.on(CallbackResolverStart, function, function == nil, 0)
}

// OnSSLCtx calls a function before each new TLS connection, with the TLS library's own object: SSL_CTX * with OpenSSL. It is there until
// the function returns. nil unsets.
func (e *Easy) OnSSLCtx(function func(sslCtx unsafe.Pointer) error) error {
	return e.on(CallbackSSLCtx, function, function == nil, 0)
}

//export curlbackGoPrereq
func curlbackGoPrereq(easy *C.curlback_easy, primaryIP, localIP *C.char, primaryPort, localPort C.int32_t, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_PREREQ_ABORT, func(function func(Connection) error) (C.int32_t, error) {
		return C.CURLBACK_PREREQ_OK,
			function(Connection{C.GoString(primaryIP), C.GoString(localIP), int(primaryPort), int(localPort)})
	})
}

//export curlbackGoTrailer
func curlbackGoTrailer(easy *C.curlback_easy, trailers *C.curlback_trailers, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_TRAILER_ABORT, func(function func() ([]string, error)) (C.int32_t, error) {
		lines, err := function()
		if err != nil {
			return 0, err
		}
		for _, line := range lines {
			text, err := newText(line)
			if err != nil {
				return 0, err
			}
			defer text.free()
			err = ask(func() C.curlback_result { return C.curlback_trailers_add(trailers, text.pointer) })
			if err != nil {
				return 0, err
			}
		}
		return C.CURLBACK_TRAILER_OK, nil
	})
}

//export curlbackGoResolverStart
func curlbackGoResolverStart(easy *C.curlback_easy, user C.uintptr_t) C.int32_t {
	return run(easy, user, 1, func(function func() error) (C.int32_t, error) { return 0, function() })
}

//export curlbackGoSSLCtx
func curlbackGoSSLCtx(easy *C.curlback_easy, sslCtx unsafe.Pointer, user C.uintptr_t) C.int32_t {
	// Nothing of libcurl's fits better than CURLE_SSL_CONNECT_ERROR.
	return run(easy, user, C.int32_t(CURLE_SSL_CONNECT_ERROR), func(function func(unsafe.Pointer) error) (C.int32_t, error) {
		return 0, function(sslCtx)
	})
}
