package curlback

// #include "bridge.h"
import "C"

import (
	"io"
	"runtime"
)

// Mime is a body in parts: a form, most often. [Easy.SetMime] sends it.
type Mime struct {
	handle  *C.curlback_mime
	cleanup runtime.Cleanup
}

// Part is a part of a Mime, which it keeps alive.
type Part struct {
	mime   *Mime
	handle *C.curlback_mime_part
}

// NewMime makes a mime without parts. It takes a handle, but any can send it, and several.
func NewMime(easy *Easy) (*Mime, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer runtime.KeepAlive(easy)
	handle := C.curlback_mime_new(easy.handle)
	if handle == nil {
		return nil, refused(ErrHandle)
	}
	mime := &Mime{handle: handle}
	mime.cleanup = runtime.AddCleanup(mime, func(handle *C.curlback_mime) { C.curlback_mime_release(handle) }, handle)
	return mime, nil
}

// Close closes the mime; [ErrInUse] while a handle has it or it is part of another. A second Close does nothing.
func (m *Mime) Close() error {
	err := m.ask(func() C.curlback_result {
		result := C.curlback_mime_close(m.handle)
		if result == C.CURLBACK_E_HANDLE {
			return C.CURLBACK_OK
		}
		return result
	})
	if err == nil {
		m.cleanup.Stop()
	}
	return err
}

func (m *Mime) ask(function func() C.curlback_result) error {
	defer runtime.KeepAlive(m)
	return ask(function)
}

// SetMime sends the mime: the request becomes a POST with its parts. nil detaches.
func (e *Easy) SetMime(mime *Mime) error {
	if mime == nil {
		return e.ask(func() C.curlback_result { return C.curlback_easy_set_mime(e.handle, nil) })
	}
	return mime.ask(func() C.curlback_result {
		defer runtime.KeepAlive(e)
		return C.curlback_easy_set_mime(e.handle, mime.handle)
	})
}

// Add appends a part without name and content.
func (m *Mime) Add() (*Part, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer runtime.KeepAlive(m)
	handle := C.curlback_mime_add(m.handle)
	if handle == nil {
		return nil, refused(ErrBusy)
	}
	return &Part{m, handle}, nil
}

// Name names the part, as a form names its fields.
func (p *Part) Name(name string) error {
	return p.setText(name, func(text *C.char) C.curlback_result { return C.curlback_mime_part_name(p.handle, text) })
}

// Filename is the file name that the server is told.
func (p *Part) Filename(name string) error {
	return p.setText(name, func(text *C.char) C.curlback_result { return C.curlback_mime_part_filename(p.handle, text) })
}

// Type is the part's Content-Type.
func (p *Part) Type(mimeType string) error {
	return p.setText(mimeType, func(text *C.char) C.curlback_result { return C.curlback_mime_part_type(p.handle, text) })
}

// Encoder is how the content is encoded: "binary", "8bit", "7bit", "base64" or "quoted-printable".
func (p *Part) Encoder(encoding string) error {
	return p.setText(encoding, func(text *C.char) C.curlback_result { return C.curlback_mime_part_encoder(p.handle, text) })
}

// File makes a file the content, which is opened when it is sent, and its name the part's.
func (p *Part) File(path string) error {
	return p.setText(path, func(text *C.char) C.curlback_result { return C.curlback_mime_part_file(p.handle, text) })
}

func (p *Part) setText(value string, set func(*C.char) C.curlback_result) error {
	text, err := newText(value)
	if err != nil {
		return err
	}
	defer text.free()
	return p.mime.ask(func() C.curlback_result { return set(text.pointer) })
}

// Headers are header lines of the part's own, "Name: value" each.
func (p *Part) Headers(lines ...string) error {
	texts, err := newTexts(lines)
	if err != nil {
		return err
	}
	defer texts.free()
	return p.mime.ask(func() C.curlback_result {
		return C.curlback_mime_part_headers(p.handle, texts.array, C.size_t(len(lines)))
	})
}

// Data makes bytes the content, which are copied; nil leaves the part without.
func (p *Part) Data(data []byte) error {
	return p.mime.ask(func() C.curlback_result {
		return C.curlback_go_part_data(p.handle, pointerTo(data), C.size_t(len(data)))
	})
}

// Subparts makes another mime the content, which takes it over: it is closed with this one.
func (p *Part) Subparts(mime *Mime) error {
	defer runtime.KeepAlive(mime)
	return p.mime.ask(func() C.curlback_result { return C.curlback_mime_part_subparts(p.handle, mime.handle) })
}

// Reader makes what a reader gives the content, size bytes of it; -1 where that is not known. Where the reader is an io.Seeker too, the
// content begins where it stands and can be sent again, as every later transfer does; where it is none, that is
// [CURLE_SEND_FAIL_REWIND].
func (p *Part) Reader(reader io.Reader, size int64) error {
	read, seek, err := readFrom(reader)
	if err != nil {
		return err
	}
	return p.Callbacks(size, read, seek)
}

// Callbacks makes what read supplies the content, as [Easy.OnRead], size bytes of it; -1 where that is not known. seek, which may be nil, is
// as [Easy.OnSeek].
func (p *Part) Callbacks(size int64, read func(buffer []byte) (int, error), seek func(offset int64, whence int) error) error {
	if read == nil {
		return p.Data(nil)
	}
	// Not the part's own, as an easy handle's callbacks are: handles that send it need not know of the part.
	data := hold(&userData{held: &callback{&content{read, seek}}})
	err := p.mime.ask(func() C.curlback_result {
		return C.curlback_go_mime_callbacks(p.handle, C.int64_t(size), C.bool(seek != nil), data)
	})
	if err != nil {
		let(data)
	}
	return err
}

// content is what a part's callbacks share.
type content struct {
	read func([]byte) (int, error)
	seek func(int64, int) error
}

//export curlbackGoMimeRead
func curlbackGoMimeRead(easy *C.curlback_easy, buffer *C.uint8_t, capacity C.size_t, user C.uintptr_t) C.int64_t {
	return run(easy, user, C.CURLBACK_ABORT, func(content *content) (C.int64_t, error) {
		return supply(content.read, bytesAt(buffer, capacity))
	})
}

//export curlbackGoMimeSeek
func curlbackGoMimeSeek(easy *C.curlback_easy, offset C.int64_t, origin C.int32_t, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_SEEK_FAIL, func(content *content) (C.int32_t, error) {
		return C.CURLBACK_SEEK_OK, content.seek(int64(offset), int(origin))
	})
}
