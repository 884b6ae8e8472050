package curlback

// #include "bridge.h"
import "C"

// WSFlags say what a WebSocket frame is.
type WSFlags uint32

// What a WebSocket frame is.
const (
	WSText   WSFlags = C.CURLBACK_WS_TEXT
	WSBinary WSFlags = C.CURLBACK_WS_BINARY
	WSCont   WSFlags = C.CURLBACK_WS_CONT // with WSText or WSBinary: more fragments of the message follow
	WSClose  WSFlags = C.CURLBACK_WS_CLOSE
	WSPing   WSFlags = C.CURLBACK_WS_PING
	WSOffset WSFlags = C.CURLBACK_WS_OFFSET // for WSSendPiece
	WSPong   WSFlags = C.CURLBACK_WS_PONG
)

// WSFrame is the WebSocket frame that a chunk of data is of.
type WSFrame struct {
	Flags WSFlags
	// Offset is how many bytes of the frame came before the chunk, BytesLeft how many are still to come.
	Offset, BytesLeft int64
}

// OnWSMessage calls a function with each whole message of a WebSocket, and with each ping, pong and close; a message that is longer than
// limit bytes ends the transfer with [ErrLimit]. It may call [Easy.WSSend] and [Easy.WSClose]. nil unsets.
func (e *Easy) OnWSMessage(limit int, function func(flags WSFlags, data []byte) error) error {
	return e.on(CallbackWSMessage, function, function == nil, limit)
}

// WSSend sends a WebSocket frame: flags has one of WSText, WSBinary, WSClose, WSPing and WSPong, and WSCont for a fragment. Inside a
// callback all of it is sent; on a detached handle, one that has performed with OPT_CONNECT_ONLY 2, what is taken without waiting: [CURLE_AGAIN]
// and how much, where that is not all.
func (e *Easy) WSSend(data []byte, flags WSFlags) (int, error) {
	return e.WSSendPiece(data, 0, flags)
}

// WSSendPiece is WSSend, with WSOffset for a frame that is sent in pieces: fragmentSize is the size of all of it.
func (e *Easy) WSSendPiece(data []byte, fragmentSize int64, flags WSFlags) (int, error) {
	var sent C.size_t
	err := e.ask(func() C.curlback_result {
		return C.curlback_go_ws_send(e.handle, pointerTo(data), C.size_t(len(data)), C.int64_t(fragmentSize),
			C.uint32_t(flags), &sent)
	})
	return int(sent), err
}

// WSClose sends a close frame with a code and a reason; code 0 and no reason: an empty one.
func (e *Easy) WSClose(code uint16, reason string) error {
	data := []byte(reason)
	text := C.CBytes(data)
	defer C.free(text)
	return e.ask(func() C.curlback_result {
		return C.curlback_ws_close(e.handle, C.uint16_t(code), (*C.char)(text), C.size_t(len(data)))
	})
}

// WSRecv receives a WebSocket frame, or a piece of one, on a detached handle. It does not wait: [CURLE_AGAIN] where nothing is there.
func (e *Easy) WSRecv(buffer []byte) (int, WSFrame, error) {
	var received C.size_t
	var frame C.curlback_ws_frame
	err := e.ask(func() C.curlback_result {
		return C.curlback_go_ws_recv(e.handle, pointerTo(buffer), C.size_t(len(buffer)), &received, &frame)
	})
	return int(received), wsFrame(frame), err
}

// WSMeta is the frame of the chunk that the running OnWrite was given.
func (e *Easy) WSMeta() (WSFrame, error) {
	var frame C.curlback_ws_frame
	err := e.ask(func() C.curlback_result { return C.curlback_ws_meta(e.handle, &frame) })
	return wsFrame(frame), err
}

func wsFrame(frame C.curlback_ws_frame) WSFrame {
	return WSFrame{WSFlags(frame.flags), int64(frame.offset), int64(frame.bytes_left)}
}

//export curlbackGoWSMessage
func curlbackGoWSMessage(easy *C.curlback_easy, flags C.int32_t, data *C.uint8_t, length C.size_t, user C.uintptr_t) C.int32_t {
	return run(easy, user, 1, func(function func(WSFlags, []byte) error) (C.int32_t, error) {
		return 0, function(WSFlags(flags), bytesAt(data, length))
	})
}
