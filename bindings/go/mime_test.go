package curlback

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// form is a handle that sends a mime to the route that describes what came.
func form(t *testing.T) (*transfer, *Mime) {
	t.Helper()
	easy := get(t, address(t, "HTTP")+"/multipart")
	mime, err := NewMime(easy.Easy)
	must(t, err)
	must(t, easy.SetMime(mime))
	t.Cleanup(func() {
		must(t, easy.Close())
		must(t, mime.Close())
	})
	return easy, mime
}

func add(t *testing.T, mime *Mime) *Part {
	t.Helper()
	part, err := mime.Add()
	must(t, err)
	return part
}

func TestAFormIsSent(t *testing.T) {
	easy, mime := form(t)
	data := add(t, mime)
	must(t, data.Name("data"))
	must(t, data.Data([]byte("a\x00b")))
	must(t, data.Type("text/x-own"))
	must(t, data.Headers("X-One: 1", "X-Two: 2"))

	name := filepath.Join(t.TempDir(), "file.txt")
	must(t, os.WriteFile(name, []byte("of a file"), 0o600))
	file := add(t, mime)
	must(t, file.Name("file"))
	must(t, file.File(name))
	must(t, file.Filename("another.txt"))

	inner, err := NewMime(easy.Easy)
	must(t, err)
	encoded := add(t, inner)
	must(t, encoded.Data([]byte("encoded")))
	must(t, encoded.Encoder("base64"))
	must(t, add(t, mime).Subparts(inner))

	reader := add(t, mime)
	must(t, reader.Name("reader"))
	must(t, reader.Reader(strings.NewReader("of a reader"), -1))

	must(t, easy.Perform())
	text := easy.body.String()
	for _, part := range []string{
		"name=data\n", "content-type: text/x-own\n", "x-one: 1\n", "x-two: 2\n", "\n3\na\x00b\n",
		"name=file\nfilename=another.txt\n", "\n9\nof a file\n",
		"2\n", "content-transfer-encoding: base64\n", "\n12\nZW5jb2RlZA==\n",
		"name=reader\n", "\n11\nof a reader\n",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in %q", part, text)
		}
	}
	is(t, mime.Close(), ErrInUse)

	// The reader goes back to its beginning.
	easy.body.Reset()
	must(t, easy.Perform())
	if !strings.Contains(easy.body.String(), "\n11\nof a reader\n") {
		t.Error(easy.body.String())
	}
	must(t, easy.SetMime(nil))
	must(t, mime.Close())
	must(t, mime.Close())
	is(t, data.Name("closed"), ErrHandle)
}

func TestAPartsErrorsAndPanicsComeOutOfPerform(t *testing.T) {
	easy, mime := form(t)
	part := add(t, mime)
	failure := &own{"part"}
	must(t, part.Callbacks(-1, func([]byte) (int, error) { return 0, failure }, nil))
	err := easy.Perform()
	is(t, err, CURLE_ABORTED_BY_CALLBACK)
	is(t, err, failure)
	must(t, part.Callbacks(-1, func([]byte) (int, error) { panic(failure) }, nil))
	equal(t, panicked(t, func() { _ = easy.Perform() }), any(failure))

	must(t, part.Callbacks(7, strings.NewReader("content").Read, func(int64, int) error { return errors.ErrUnsupported }))
	must(t, easy.Perform())
	err = easy.Perform()
	is(t, err, CURLE_SEND_FAIL_REWIND)
	is(t, err, errors.ErrUnsupported)
}

func TestAMimesMistakesAreSaid(t *testing.T) {
	easy, mime := form(t)
	part := add(t, mime)
	is(t, part.Encoder("none"), ErrRange)
	is(t, part.File("/none"), CURLE_READ_ERROR)
	is(t, part.Name("a\x00b"), ErrRange)
	before := alive.Load()
	is(t, part.Callbacks(-2, func([]byte) (int, error) { return 0, nil }, nil), ErrRange)
	equal(t, alive.Load(), before)
	is(t, part.Subparts(mime), ErrRange)
	must(t, part.Callbacks(0, nil, nil))
	must(t, easy.Perform())
}
