package curlback

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestABodyAndItsHeadersGoToWriters(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	var header bytes.Buffer
	must(t, hello.HeaderTo(&header))
	must(t, hello.Perform())
	equal(t, hello.body.String(), "hello, world\n")
	if !strings.HasPrefix(header.String(), "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(header.String(), "\r\n\r\n") {
		t.Fatalf("%q", header.String())
	}
	status, err := hello.GetInt(INFO_RESPONSE_CODE)
	must(t, err)
	equal(t, status, 200)
	url, err := hello.GetString(INFO_EFFECTIVE_URL)
	must(t, err)
	equal(t, url, address(t, "HTTP")+"/hello")
	seconds, err := hello.GetFloat(INFO_TOTAL_TIME)
	must(t, err)
	if seconds <= 0 {
		t.Fatal(seconds)
	}
}

func TestABodyComesWholeAtEverySize(t *testing.T) {
	// A call for each byte takes its time.
	for batch, length := range map[int]int{0: 3_000_000, 1: 100_000, 1000: 3_000_000, 1 << 20: 3_000_000} {
		large := get(t, fmt.Sprintf("%s/bytes/%d", address(t, "HTTP"), length))
		calls := 0
		must(t, large.BodyTo(writer(func(data []byte) (int, error) {
			calls++
			return large.body.Write(data)
		})))
		must(t, large.BatchBody(batch))
		must(t, large.Perform())
		if !bytes.Equal(large.body.Bytes(), pattern(length)) {
			t.Fatalf("batches of %d: other bytes came", batch)
		}
		if batch > 1<<16 && calls > length/(1<<14) {
			t.Errorf("batches of %d: %d calls", batch, calls)
		}
	}
}

// writer is a function as an io.Writer.
type writer func([]byte) (int, error)

func (w writer) Write(data []byte) (int, error) { return w(data) }

func TestABodyIsCollectedInMemoryUpToALimit(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	is(t, hello.BodyToMemory(100), ErrExclusive)
	must(t, hello.ClearBody())
	must(t, hello.BodyToMemory(100))
	must(t, hello.HeaderToMemory(10000))
	must(t, hello.Perform())
	body, err := hello.Body()
	must(t, err)
	equal(t, string(body), "hello, world\n")
	header, err := hello.Header()
	must(t, err)
	if !bytes.Contains(header, []byte("X-Hello: one\r\n")) {
		t.Fatalf("%q", header)
	}
	must(t, hello.BodyToMemory(5))
	is(t, hello.Perform(), ErrLimit)
}

func TestABodyGoesFromAndToDescriptors(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(name, []byte("from a file"), 0o600))
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	must(t, err)
	defer file.Close()
	echo := get(t, address(t, "HTTP")+"/echo")
	must(t, echo.SetBool(OPT_UPLOAD, true))
	must(t, echo.SendFromFD(int(file.Fd())))
	must(t, echo.ClearBody())
	must(t, echo.BodyToFD(int(file.Fd())))
	must(t, echo.Perform())
	all, err := os.ReadFile(name)
	must(t, err)
	equal(t, string(all), "from a filefrom a file")
}

func TestAReaderIsSentAndSentAgain(t *testing.T) {
	for _, url := range []string{"/echo", "/redirect307"} {
		echo := get(t, address(t, "HTTP")+url)
		must(t, echo.SetBool(OPT_UPLOAD, true))
		must(t, echo.SetBool(OPT_FOLLOWLOCATION, true))
		reader := strings.NewReader("skipped, and a body")
		_, err := reader.Seek(9, io.SeekStart)
		must(t, err)
		must(t, echo.SendFrom(reader))
		must(t, echo.Perform())
		equal(t, echo.body.String(), "and a body")
	}
}

func TestAReaderThatCannotSeekIsSentOnce(t *testing.T) {
	echo := get(t, address(t, "HTTP")+"/redirect307")
	must(t, echo.SetBool(OPT_UPLOAD, true))
	must(t, echo.SetBool(OPT_FOLLOWLOCATION, true))
	must(t, echo.SendFrom(bytes.NewBufferString("once")))
	is(t, echo.Perform(), CURLE_SEND_FAIL_REWIND)

	// A pipe is an io.Seeker by its type alone.
	read, write, err := os.Pipe()
	must(t, err)
	defer read.Close()
	_, err = write.WriteString("through a pipe")
	must(t, err)
	must(t, write.Close())
	must(t, echo.SetString(OPT_URL, address(t, "HTTP")+"/echo"))
	must(t, echo.SendFrom(read))
	must(t, echo.Perform())
	equal(t, echo.body.String(), "through a pipe")
}

func TestBytesAreSentAndPosted(t *testing.T) {
	echo := get(t, address(t, "HTTP")+"/echo")
	must(t, echo.SetBool(OPT_UPLOAD, true))
	must(t, echo.SendBytes([]byte("bytes")))
	must(t, echo.Perform())
	must(t, echo.ClearSource())
	must(t, echo.SetBytes(OPT_POSTFIELDS, []byte("a\x00b")))
	must(t, echo.Perform())
	equal(t, echo.body.String(), "bytesa\x00b")
}

// record has a pointer beside its bytes: cgo must not take the bytes for a way to that.
type record struct {
	bytes [4]byte
	other *int
}

func TestBytesMayBePartOfAnything(t *testing.T) {
	part := &record{[4]byte{'p', 'a', 'r', 't'}, new(int)}
	echo := get(t, address(t, "HTTP")+"/echo")
	must(t, echo.SetBytes(OPT_POSTFIELDS, part.bytes[:]))
	must(t, echo.Perform())
	must(t, echo.SetBool(OPT_UPLOAD, true))
	must(t, echo.SendBytes(part.bytes[1:]))
	must(t, echo.Perform())
	equal(t, echo.body.String(), "partart")
}

func TestListsAreSet(t *testing.T) {
	request := get(t, address(t, "HTTP")+"/request-headers")
	must(t, request.SetList(OPT_HTTPHEADER, "X-One: 1", "X-Two: 2"))
	must(t, request.Perform())
	if text := request.body.String(); !strings.Contains(text, "x-one: 1\n") || !strings.Contains(text, "x-two: 2\n") {
		t.Fatal(text)
	}
	must(t, request.Unset(OPT_HTTPHEADER))
	request.body.Reset()
	must(t, request.Perform())
	if strings.Contains(request.body.String(), "x-one") {
		t.Fatal(request.body.String())
	}
	must(t, request.SetString(OPT_COOKIELIST, "Set-Cookie: one=1; domain=example.com"))
	cookies, err := request.GetList(INFO_COOKIELIST)
	must(t, err)
	equal(t, len(cookies), 1)
}

func TestACertificateIsShown(t *testing.T) {
	secure := get(t, address(t, "NGINX_HTTPS")+"/hello.txt")
	must(t, secure.SetString(OPT_CAINFO, address(t, "CA")))
	must(t, secure.SetBool(OPT_CERTINFO, true))
	must(t, secure.Perform())
	fields, err := secure.Certificate(0)
	must(t, err)
	if len(fields) == 0 || !strings.HasPrefix(fields[0], "Subject:") {
		t.Fatal(fields)
	}
	_, err = secure.Certificate(100)
	is(t, err, ErrRange)
}

func TestADuplicateHasTheSameCallbacks(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	twin, err := hello.Duplicate()
	must(t, err)
	must(t, hello.Close())
	must(t, twin.Perform())
	must(t, twin.Reset())
	is(t, twin.Perform(), CURLE_URL_MALFORMAT)
	must(t, twin.Close())
	equal(t, hello.body.String(), "hello, world\n")
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	easy, err := NewEasy()
	must(t, err)
	is(t, easy.SetString(OPT_URL, "a\x00b"), ErrRange)
	is(t, easy.SetInt(IntOption(OPT_URL), 1), ErrType)
	is(t, easy.SetInt(123456, 1), ErrOption)
	is(t, easy.SetInt(OPT_TIMEOUT, -1), ErrRange)
	is(t, easy.Pause(77), ErrRange)
	_, err = easy.Body()
	is(t, err, ErrAbsent)
	_, err = easy.WSMeta()
	is(t, err, ErrNotInCallback)
	_, err = easy.Send(nil)
	is(t, err, ErrAbsent)
	must(t, easy.Close())
	must(t, easy.Close())
	is(t, easy.Perform(), ErrHandle)
	is(t, easy.OnWrite(func([]byte) error { return nil }), ErrHandle)
	_, err = easy.Duplicate()
	is(t, err, ErrHandle)
	_, err = NewMime(easy)
	if err == nil {
		t.Fatal("a mime of a closed handle")
	}
}

func TestAnErrorHasAllThatIsKnown(t *testing.T) {
	refused := get(t, address(t, "REFUSED"))
	err := refused.Perform()
	is(t, err, CURLE_COULDNT_CONNECT)
	is(t, err, syscall.ECONNREFUSED)
	var details *Error
	if !errors.As(err, &details) {
		t.Fatal(err)
	}
	equal(t, details.Code, CURLE_COULDNT_CONNECT)
	equal(t, details.CurlCode, CURLE_COULDNT_CONNECT)
	if !strings.Contains(err.Error(), "CURLE_COULDNT_CONNECT: ") || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Fatal(err)
	}
}

func TestTheLibraryDescribesItself(t *testing.T) {
	if !strings.HasPrefix(LibcurlVersion(), "libcurl/") || LibcurlVersionNumber() < 0x075800 || Version() == "" || LibcurlLinkage() == "" {
		t.Fatal(LibcurlVersion(), Version(), LibcurlLinkage())
	}
	if !HasProtocol("HTTP") || HasProtocol("none") || !HasFeature("SSL") || HasFeature("none\x00") || !HasCallback(CallbackWrite) {
		t.Fatal("it lacks what it has to have")
	}
	equal(t, OptionID("CURLOPT_url"), int32(OPT_URL))
	equal(t, InfoID("RESPONSE_CODE"), int32(INFO_RESPONSE_CODE))
	if len(Protocols()) < 3 || len(Features()) < 3 {
		t.Fatal(Protocols(), Features())
	}
}
