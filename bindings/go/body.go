package curlback

// #include "bridge.h"
import "C"

import (
	"errors"
	"io"
	"runtime"
)

// OnWrite calls a function with each piece of the body that arrives; nil unsets.
func (e *Easy) OnWrite(function func(data []byte) error) error {
	return e.on(CallbackWrite, function, function == nil, 0)
}

// OnHeader calls a function with each header line, its CRLF with it: status lines, the empty line at the end of each response's headers,
// those of redirects and proxies, and trailers; nil unsets.
func (e *Easy) OnHeader(function func(line []byte) error) error {
	return e.on(CallbackHeader, function, function == nil, 0)
}

// OnInterleave calls a function with each packet that an RTSP server sends between its answers; nil unsets.
func (e *Easy) OnInterleave(function func(packet []byte) error) error {
	return e.on(CallbackInterleave, function, function == nil, 0)
}

// BodyTo writes the body to a writer; nil unsets.
func (e *Easy) BodyTo(writer io.Writer) error {
	return e.OnWrite(writeTo(writer))
}

// HeaderTo writes the header lines to a writer; nil unsets.
func (e *Easy) HeaderTo(writer io.Writer) error {
	return e.OnHeader(writeTo(writer))
}

func writeTo(writer io.Writer) func([]byte) error {
	if writer == nil {
		return nil
	}
	return func(data []byte) error {
		written, err := writer.Write(data)
		if err == nil && written != len(data) {
			err = io.ErrShortWrite
		}
		return err
	}
}

// BodyToFD writes the body to a descriptor without calling Go for it. It stays the caller's; -1 unsets.
func (e *Easy) BodyToFD(fd int) error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_body_to_fd(e.handle, C.int(fd)) })
}

// HeaderToFD writes the header lines to a descriptor, as [Easy.BodyToFD].
func (e *Easy) HeaderToFD(fd int) error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_header_to_fd(e.handle, C.int(fd)) })
}

// BodyToMemory collects the body for [Easy.Body]; one that is longer than limit ends the transfer with [ErrLimit]. 0 unsets.
func (e *Easy) BodyToMemory(limit int) error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_body_to_memory(e.handle, C.size_t(limit)) })
}

// HeaderToMemory collects the header lines for [Easy.Header], as [Easy.BodyToMemory].
func (e *Easy) HeaderToMemory(limit int) error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_header_to_memory(e.handle, C.size_t(limit)) })
}

// Body is a copy of what [Easy.BodyToMemory] collected.
func (e *Easy) Body() ([]byte, error) {
	return e.collected(func(data **C.uint8_t, length *C.size_t) C.curlback_result {
		return C.curlback_easy_body(e.handle, data, length)
	})
}

// Header is a copy of what [Easy.HeaderToMemory] collected.
func (e *Easy) Header() ([]byte, error) {
	return e.collected(func(data **C.uint8_t, length *C.size_t) C.curlback_result {
		return C.curlback_easy_header(e.handle, data, length)
	})
}

func (e *Easy) collected(get func(**C.uint8_t, *C.size_t) C.curlback_result) ([]byte, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	var data *C.uint8_t
	var length C.size_t
	if err := e.ask(func() C.curlback_result { return get(&data, &length) }); err != nil {
		return nil, err
	}
	defer runtime.KeepAlive(e)
	return append([]byte{}, bytesAt(data, length)...), nil
}

// ClearBody unsets whatever takes the body: it goes to standard output again.
func (e *Easy) ClearBody() error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_clear_body(e.handle) })
}

// ClearHeader unsets whatever takes the header lines.
func (e *Easy) ClearHeader() error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_clear_header(e.handle) })
}

// BatchBody collects the body and calls OnWrite with up to maxBytes of it at a time, because a call from C to Go costs much; 0 switches
// it off. Nothing waits for it: what there is goes to OnWrite before libcurl waits for the network.
func (e *Easy) BatchBody(maxBytes int) error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_batch_body(e.handle, C.size_t(maxBytes)) })
}

// OnRead calls a function for what is to be sent: it fills buffer and says how much of it, as io.Reader; io.EOF ends the upload. nil
// unsets. Set OPT_UPLOAD or OPT_POST too, and OPT_INFILESIZE_LARGE or OPT_POSTFIELDSIZE_LARGE where the length is known.
func (e *Easy) OnRead(function func(buffer []byte) (int, error)) error {
	return e.on(CallbackRead, function, function == nil, 0)
}

// OnSeek calls a function when what OnRead supplies must be sent again, or from further on: it goes to offset, as io.Seeker. nil unsets.
// An error that is errors.ErrUnsupported says that it cannot be done: a resumed upload then reads and throws away.
func (e *Easy) OnSeek(function func(offset int64, whence int) error) error {
	return e.on(CallbackSeek, function, function == nil, 0)
}

// SendFrom sends what a reader gives, as OnRead. Where the reader is an io.Seeker too, what is sent begins where it stands, and can be sent
// again; where it is none, a body that must be sent again is [CURLE_SEND_FAIL_REWIND]. nil unsets.
func (e *Easy) SendFrom(reader io.Reader) error {
	if reader == nil {
		if err := e.OnSeek(nil); err != nil {
			return err
		}
		return e.OnRead(nil)
	}
	read, seek, err := readFrom(reader)
	if err != nil {
		return err
	}
	if err := e.OnRead(read); err != nil {
		return err
	}
	return e.OnSeek(seek)
}

// readFrom makes callbacks of a reader; no seek where it has none.
func readFrom(reader io.Reader) (read func([]byte) (int, error), seek func(int64, int) error, err error) {
	var late error
	read = func(buffer []byte) (int, error) {
		if late != nil {
			return 0, late
		}
		var count int
		count, late = reader.Read(buffer)
		if count > 0 {
			// The error is for the next call, as io.Reader has it.
			return count, nil
		}
		return 0, late
	}
	seeker, can := reader.(io.Seeker)
	if !can {
		return read, nil, nil
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		// A pipe as an os.File, say: it has the method and cannot.
		return read, nil, nil
	}
	seek = func(offset int64, whence int) error {
		late = nil
		if whence == io.SeekStart {
			offset += start
		}
		_, err := seeker.Seek(offset, whence)
		return err
	}
	return read, seek, nil
}

// SendBytes sends bytes, which are copied; each transfer starts at their beginning. nil unsets.
func (e *Easy) SendBytes(data []byte) error {
	return e.ask(func() C.curlback_result {
		return C.curlback_go_read_from_memory(e.handle, pointerTo(data), C.size_t(len(data)))
	})
}

// SendFromFD sends what is read from a descriptor without calling Go for it. It stays the caller's; -1 unsets.
func (e *Easy) SendFromFD(fd int) error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_read_from_fd(e.handle, C.int(fd)) })
}

// ClearSource unsets whatever supplies what is sent: libcurl reads standard input.
func (e *Easy) ClearSource() error {
	return e.ask(func() C.curlback_result { return C.curlback_easy_clear_source(e.handle) })
}

// IoctlCommand is what OnIoctl is asked for.
type IoctlCommand int32

// IoctlRestartRead: go back to the beginning of what OnRead supplies.
const IoctlRestartRead IoctlCommand = C.CURLBACK_IOCTL_RESTART_READ

// OnIoctl calls a function when what OnRead supplies must be sent again from its beginning; nil unsets. libcurl has deprecated it in
// favour of OnSeek.
func (e *Easy) OnIoctl(function func(command IoctlCommand) error) error {
	return e.on(CallbackIoctl, function, function == nil, 0)
}

//export curlbackGoWrite
func curlbackGoWrite(easy *C.curlback_easy, data *C.uint8_t, length C.size_t, user C.uintptr_t) C.int64_t {
	return received(easy, data, length, user)
}

//export curlbackGoInterleave
func curlbackGoInterleave(easy *C.curlback_easy, data *C.uint8_t, length C.size_t, user C.uintptr_t) C.int64_t {
	return received(easy, data, length, user)
}

func received(easy *C.curlback_easy, data *C.uint8_t, length C.size_t, user C.uintptr_t) C.int64_t {
	return run(easy, user, C.CURLBACK_ABORT, func(function func([]byte) error) (C.int64_t, error) {
		err := function(bytesAt(data, length))
		if err == ErrPause {
			return C.CURLBACK_PAUSE, nil
		}
		return C.CURLBACK_ALL, err
	})
}

//export curlbackGoRead
func curlbackGoRead(easy *C.curlback_easy, buffer *C.uint8_t, capacity C.size_t, user C.uintptr_t) C.int64_t {
	return run(easy, user, C.CURLBACK_ABORT, func(function func([]byte) (int, error)) (C.int64_t, error) {
		return supply(function, bytesAt(buffer, capacity))
	})
}

// How often a reader may give nothing and no error, as in the package bufio.
const emptyReads = 100

func supply(function func([]byte) (int, error), buffer []byte) (C.int64_t, error) {
	for range emptyReads {
		count, err := function(buffer)
		switch {
		case count < 0 || count > len(buffer):
			return 0, errors.New("curlback: OnRead's function returned an impossible count")
		case count > 0 && (err == nil || err == io.EOF):
			return C.int64_t(count), nil
		case err == io.EOF:
			return 0, nil
		case err == ErrPause:
			return C.CURLBACK_PAUSE, nil
		case err != nil:
			return 0, err
		}
	}
	return 0, io.ErrNoProgress
}

//export curlbackGoSeek
func curlbackGoSeek(easy *C.curlback_easy, offset C.int64_t, origin C.int32_t, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_SEEK_FAIL, func(function func(int64, int) error) (C.int32_t, error) {
		// Go's io.SeekStart, SeekCurrent and SeekEnd have the same numbers.
		err := function(int64(offset), int(origin))
		if errors.Is(err, errors.ErrUnsupported) {
			return C.CURLBACK_SEEK_CANTSEEK, nil
		}
		return C.CURLBACK_SEEK_OK, err
	})
}

//export curlbackGoIoctl
func curlbackGoIoctl(easy *C.curlback_easy, command C.int32_t, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_IOCTL_FAIL_RESTART, func(function func(IoctlCommand) error) (C.int32_t, error) {
		return C.CURLBACK_IOCTL_OK, function(IoctlCommand(command))
	})
}
