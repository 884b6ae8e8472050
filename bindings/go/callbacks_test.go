package curlback

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

func TestOnHeaderSeesEachLine(t *testing.T) {
	redirect := get(t, address(t, "HTTP")+"/redirect/1")
	must(t, redirect.SetBool(OPT_FOLLOWLOCATION, true))
	var status []string
	must(t, redirect.OnHeader(func(line []byte) error {
		if bytes.HasPrefix(line, []byte("HTTP/")) {
			status = append(status, string(line))
		}
		return nil
	}))
	must(t, redirect.Perform())
	if !slices.Equal(status, []string{"HTTP/1.1 302 Found\r\n", "HTTP/1.1 200 OK\r\n"}) {
		t.Fatal(status)
	}
}

func TestOnReadAndOnSeekSupplyABodyTwice(t *testing.T) {
	echo := get(t, address(t, "HTTP")+"/redirect307")
	must(t, echo.SetBool(OPT_UPLOAD, true))
	must(t, echo.SetBool(OPT_FOLLOWLOCATION, true))
	left, seeks := "body", 0
	must(t, echo.OnRead(func(buffer []byte) (int, error) {
		if left == "" {
			return 0, io.EOF
		}
		count := copy(buffer, left)
		left = left[count:]
		return count, nil
	}))
	must(t, echo.OnSeek(func(offset int64, whence int) error {
		seeks++
		equal(t, offset, 0)
		equal(t, whence, io.SeekStart)
		left = "body"
		return nil
	}))
	must(t, echo.Perform())
	equal(t, echo.body.String(), "body")
	equal(t, seeks, 1)

	must(t, echo.OnSeek(func(int64, int) error { return errors.ErrUnsupported }))
	err := echo.Perform()
	is(t, err, CURLE_SEND_FAIL_REWIND)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Fatal("that it cannot be done is an answer, no error")
	}
}

func TestOnIoctlSuppliesABodyTwice(t *testing.T) {
	echo := get(t, address(t, "HTTP")+"/redirect307")
	must(t, echo.SetBool(OPT_UPLOAD, true))
	must(t, echo.SetBool(OPT_FOLLOWLOCATION, true))
	body := strings.NewReader("body")
	must(t, echo.OnRead(body.Read))
	must(t, echo.OnIoctl(func(command IoctlCommand) error {
		equal(t, command, IoctlRestartRead)
		body.Reset("body")
		return nil
	}))
	must(t, echo.Perform())
	equal(t, echo.body.String(), "body")
	failure := &own{"ioctl"}
	must(t, echo.OnIoctl(func(IoctlCommand) error { return failure }))
	body.Reset("body")
	err := echo.Perform()
	is(t, err, CURLE_SEND_FAIL_REWIND)
	is(t, err, failure)
}

func TestOnDebugSeesTheWire(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	seen := map[DebugKind]string{}
	must(t, hello.OnDebug(func(kind DebugKind, data []byte) { seen[kind] += string(data) }))
	must(t, hello.Perform())
	equal(t, seen[DebugDataIn], "hello, world\n")
	if !strings.HasPrefix(seen[DebugHeaderOut], "GET /hello HTTP/1.1\r\n") || seen[DebugText] == "" ||
		!strings.HasPrefix(seen[DebugHeaderIn], "HTTP/1.1 200 OK\r\n") {
		t.Fatal(seen)
	}
}

func TestOnXferinfoAndOnProgressCount(t *testing.T) {
	large := get(t, address(t, "HTTP")+"/bytes/300000")
	var last Progress
	must(t, large.OnXferinfo(func(progress Progress) error {
		last = progress
		return nil
	}))
	must(t, large.Perform())
	equal(t, last, Progress{300000, 300000, 0, 0})
	must(t, large.OnXferinfo(nil))
	var total, now float64
	must(t, large.OnProgress(func(downloadTotal, downloadNow, _, _ float64) error {
		total, now = downloadTotal, downloadNow
		return nil
	}))
	must(t, large.Perform())
	equal(t, total, 300000)
	equal(t, now, 300000)
	failure := &own{"progress"}
	must(t, large.OnProgress(func(_, _, _, _ float64) error { return failure }))
	err := large.Perform()
	is(t, err, CURLE_ABORTED_BY_CALLBACK)
	is(t, err, failure)
}

func TestSocketCallbacksOpenAndCloseSockets(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	var calls []string
	must(t, hello.OnOpenSocket(func(purpose SocketPurpose, address Address) (int, error) {
		equal(t, purpose, SocketConnect)
		equal(t, address.Host, "127.0.0.1")
		equal(t, address.Family, syscall.AF_INET)
		equal(t, len(address.Raw), syscall.SizeofSockaddrInet4)
		calls = append(calls, "open")
		return syscall.Socket(address.Family, address.Type, address.Protocol)
	}))
	must(t, hello.OnSockopt(func(fd int, purpose SocketPurpose) (bool, error) {
		equal(t, purpose, SocketConnect)
		calls = append(calls, "sockopt")
		return false, syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	}))
	must(t, hello.OnCloseSocket(func(fd int) {
		calls = append(calls, "close")
		must(t, syscall.Close(fd))
	}))
	must(t, hello.Perform())
	must(t, hello.Close())
	if !slices.Equal(calls, []string{"open", "sockopt", "close"}) {
		t.Fatal(calls)
	}
}

func TestAnAddressIsRefusedAndTheReasonIsKept(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	failure := &own{"address"}
	must(t, hello.OnOpenSocket(func(SocketPurpose, Address) (int, error) { return SocketDefault, failure }))
	err := hello.Perform()
	is(t, err, CURLE_COULDNT_CONNECT)
	is(t, err, failure)
	must(t, hello.OnOpenSocket(func(SocketPurpose, Address) (int, error) { return SocketDefault, nil }))
	must(t, hello.OnSockopt(func(int, SocketPurpose) (bool, error) { return false, failure }))
	is(t, hello.Perform(), failure)
	must(t, hello.OnSockopt(nil))
	must(t, hello.Perform())
}

func TestASocketThatIsConnectedAlreadyIsUsed(t *testing.T) {
	if LibcurlVersionNumber() < 0x080000 {
		t.Skip("a socket that is connected already needs libcurl 8.0")
	}
	hello := get(t, address(t, "HTTP")+"/hello")
	must(t, hello.OnOpenSocket(func(_ SocketPurpose, address Address) (int, error) {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		if err != nil {
			return 0, err
		}
		return fd, syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(address.Port), Addr: [4]byte{127, 0, 0, 1}})
	}))
	must(t, hello.OnSockopt(func(int, SocketPurpose) (bool, error) { return true, nil }))
	must(t, hello.Perform())
	equal(t, hello.body.String(), "hello, world\n")
}

func TestOnPrereqSeesTheConnection(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	failure := &own{"prereq"}
	must(t, hello.OnPrereq(func(connection Connection) error {
		equal(t, connection.PrimaryIP, "127.0.0.1")
		equal(t, connection.LocalIP, "127.0.0.1")
		if !strings.HasSuffix(address(t, "HTTP"), fmt.Sprint(":", connection.PrimaryPort)) || connection.LocalPort == 0 {
			t.Fatal(connection)
		}
		return failure
	}))
	err := hello.Perform()
	is(t, err, CURLE_ABORTED_BY_CALLBACK)
	is(t, err, failure)
}

func TestOnTrailerAddsTrailers(t *testing.T) {
	supported(t, CallbackTrailer)
	echo := get(t, address(t, "HTTP")+"/echo")
	must(t, echo.SetBool(OPT_UPLOAD, true))
	must(t, echo.SetList(OPT_HTTPHEADER, "Trailer: X-Sum"))
	body := strings.NewReader("body")
	must(t, echo.SendFrom(body))
	must(t, echo.OnTrailer(func() ([]string, error) { return []string{"X-Sum: 42"}, nil }))
	var header bytes.Buffer
	must(t, echo.HeaderTo(&header))
	must(t, echo.Perform())
	if !strings.Contains(strings.ToLower(header.String()), "x-got-trailer-x-sum: 42\r\n") {
		t.Fatal(header.String())
	}
	body.Reset("body")
	must(t, echo.OnTrailer(func() ([]string, error) { return []string{"no trailer"}, nil }))
	err := echo.Perform()
	is(t, err, CURLE_ABORTED_BY_CALLBACK)
	is(t, err, ErrRange)
}

func TestOnResolverStartMayRefuse(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	calls := 0
	must(t, hello.OnResolverStart(func() error { calls++; return nil }))
	must(t, hello.Perform())
	equal(t, calls, 1)
	failure := &own{"resolver"}
	other := get(t, address(t, "HTTP")+"/hello")
	must(t, other.OnResolverStart(func() error { return failure }))
	is(t, other.Perform(), failure)
}

func TestOnSSLCtxIsGivenTheContext(t *testing.T) {
	supported(t, CallbackSSLCtx)
	secure := get(t, address(t, "NGINX_HTTPS")+"/hello.txt")
	must(t, secure.SetString(OPT_CAINFO, address(t, "CA")))
	failure := &own{"tls"}
	must(t, secure.OnSSLCtx(func(sslCtx unsafe.Pointer) error {
		if sslCtx == nil {
			t.Error("there is no context")
		}
		return failure
	}))
	err := secure.Perform()
	is(t, err, CURLE_SSL_CONNECT_ERROR)
	is(t, err, failure)
	must(t, secure.OnSSLCtx(func(unsafe.Pointer) error { return nil }))
	must(t, secure.Perform())
}

func TestOnInterleaveGetsPackets(t *testing.T) {
	supported(t, CallbackInterleave)
	url := address(t, "RTSP") + "/stream"
	stream := get(t, url)
	var packets []string
	must(t, stream.OnInterleave(func(packet []byte) error {
		packets = append(packets, string(packet))
		return nil
	}))
	must(t, stream.SetString(OPT_RTSP_STREAM_URI, url))
	must(t, stream.SetString(OPT_RTSP_TRANSPORT, "RTP/AVP/TCP;interleaved=0-1"))
	// CURL_RTSPREQ_SETUP and CURL_RTSPREQ_PLAY.
	for _, request := range []int64{4, 5} {
		must(t, stream.SetInt(OPT_RTSP_REQUEST, request))
		must(t, stream.Perform())
	}
	if !slices.Equal(packets, []string{"$\x00\x00\x05hello", "$\x01\x00\x04rtcp"}) {
		t.Fatalf("%q", packets)
	}
}

func TestHSTSEntriesAreReadAndWritten(t *testing.T) {
	supported(t, CallbackHSTSRead, CallbackHSTSWrite)
	hello := get(t, address(t, "HTTP")+"/hello")
	expire := time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	given := []HSTSEntry{{"one.example", expire, true}, {"two.example", time.Time{}, false}}
	next := 0
	must(t, hello.OnHSTSRead(func() (HSTSEntry, error) {
		if next == len(given) {
			return HSTSEntry{}, io.EOF
		}
		next++
		return given[next-1], nil
	}))
	var written []HSTSEntry
	failure := &own{"hsts"}
	must(t, hello.OnHSTSWrite(func(entry HSTSEntry, index, total int) error {
		equal(t, index, len(written))
		equal(t, total, 2)
		written = append(written, entry)
		if index == 1 {
			return failure
		}
		return nil
	}))
	must(t, hello.Perform())
	is(t, hello.Close(), failure)
	slices.SortFunc(written, func(a, b HSTSEntry) int { return strings.Compare(a.Host, b.Host) })
	if !slices.Equal(written, given) {
		t.Fatal(written)
	}
}

func TestAnHSTSEntryThatIsNoneIsSaid(t *testing.T) {
	supported(t, CallbackHSTSRead)
	hello := get(t, address(t, "HTTP")+"/hello")
	must(t, hello.OnHSTSRead(func() (HSTSEntry, error) { return HSTSEntry{}, nil }))
	err := hello.Perform()
	is(t, err, CURLE_ABORTED_BY_CALLBACK)
	is(t, err, ErrRange)
}

func TestWildcardDownloads(t *testing.T) {
	supported(t, CallbackFnmatch, CallbackChunkBegin, CallbackChunkEnd)
	many := get(t, address(t, "FTP")+"/many/any")
	must(t, many.SetBool(OPT_WILDCARDMATCH, true))
	must(t, many.OnFnmatch(func(pattern, name string) (bool, error) {
		equal(t, pattern, "any")
		return name == "file007.txt" || name == "file008.txt" || name == "sub", nil
	}))
	var calls []string
	must(t, many.OnChunkBegin(func(file FileInfo, remaining int) (bool, error) {
		calls = append(calls, fmt.Sprint(file.Name, " ", file.Type, " ", remaining))
		return file.Name == "file008.txt", nil
	}))
	must(t, many.OnChunkEnd(func() error {
		calls = append(calls, "end")
		return nil
	}))
	must(t, many.Perform())
	equal(t, many.body.String(), "7\n")
	equal(t, len(calls), 6)
	if !slices.Contains(calls, "end") || !slices.ContainsFunc(calls, func(call string) bool { return strings.HasPrefix(call, "file008.txt 0 ") }) {
		t.Fatal(calls)
	}

	failure := &own{"wildcard"}
	must(t, many.OnChunkEnd(func() error { return failure }))
	err := many.Perform()
	is(t, err, CURLE_CHUNK_FAILED)
	is(t, err, failure)
	must(t, many.OnFnmatch(func(string, string) (bool, error) { return true, failure }))
	err = many.Perform()
	is(t, err, CURLE_ABORTED_BY_CALLBACK)
	is(t, err, failure)
}

func TestSSHKeysAreDecidedOn(t *testing.T) {
	supported(t, CallbackSSHKey)
	hello := get(t, address(t, "SFTP")+"/hello.txt")
	known := filepath.Join(t.TempDir(), "known_hosts")
	must(t, hello.SetString(OPT_SSH_KNOWNHOSTS, known))
	must(t, hello.SetString(OPT_SSH_PRIVATE_KEYFILE, address(t, "SSH_USER_KEY")))
	verdict := SSHReject
	var failure error
	calls := 0
	must(t, hello.OnSSHKey(func(before *SSHKey, found SSHKey, match SSHMatch) (SSHVerdict, error) {
		calls++
		if calls < 4 && (before != nil || match != SSHMissing) || calls == 4 && match != SSHMatched {
			t.Error(before, match)
		}
		equal(t, found.Type, SSHKeyED25519)
		equal(t, found.Base64, false)
		return verdict, failure
	}))
	is(t, hello.Perform(), CURLE_PEER_FAILED_VERIFICATION)
	verdict, failure = SSHAccept, &own{"key"}
	is(t, hello.Perform(), failure)
	verdict, failure = SSHAddToFile, nil
	must(t, hello.Perform())
	file, err := os.ReadFile(known)
	must(t, err)
	if !bytes.Contains(file, []byte(address(t, "SSH_KEY"))) {
		t.Fatalf("%s", file)
	}
	must(t, hello.SetBool(OPT_FRESH_CONNECT, true))
	must(t, hello.Perform())
	equal(t, calls, 4)
}

func TestSSHHostKeysAreDecidedOn(t *testing.T) {
	supported(t, CallbackSSHHostKey)
	hello := get(t, address(t, "SFTP")+"/hello.txt")
	must(t, hello.SetString(OPT_SSH_PRIVATE_KEYFILE, address(t, "SSH_USER_KEY")))
	var failure error = &own{"host key"}
	must(t, hello.OnSSHHostKey(func(found SSHKey) error {
		if len(found.Key) == 0 {
			t.Error("there is no key")
		}
		return failure
	}))
	err := hello.Perform()
	is(t, err, CURLE_PEER_FAILED_VERIFICATION)
	is(t, err, failure)
	failure = nil
	must(t, hello.Perform())
}

func TestACallbackPausesAndAnotherGoroutineResumes(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	paused := make(chan struct{})
	calls := 0
	must(t, hello.OnWrite(func(data []byte) error {
		calls++
		if calls == 1 {
			close(paused)
			return ErrPause
		}
		hello.body.Write(data)
		return nil
	}))
	go func() {
		<-paused
		// The callback may not have returned yet, and its pause then comes after this.
		for hello.Pause(PauseNone) == nil {
			time.Sleep(time.Millisecond)
			if status, err := hello.GetInt(INFO_RESPONSE_CODE); err == nil && status == 200 {
				return
			}
		}
	}()
	must(t, hello.Perform())
	equal(t, hello.body.String(), "hello, world\n")
	equal(t, calls, 2)
}

func TestACallbackIsReplacedInsideItself(t *testing.T) {
	large := get(t, address(t, "HTTP")+"/bytes/100000")
	first, before := 0, alive.Load()
	must(t, large.OnWrite(func(data []byte) error {
		first++
		large.body.Write(data)
		return large.BodyTo(&large.body)
	}))
	must(t, large.Perform())
	equal(t, first, 1)
	equal(t, large.body.Len(), 100000)
	equal(t, alive.Load(), before)
}
