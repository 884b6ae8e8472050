package curlback

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"testing"
	"time"
)

// How long anything may take that should happen at once.
const limit = 20 * time.Second

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t testing.TB, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("%v is not %v", err, target)
	}
}

func equal[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// address is one of the test server's: HTTP, FTP and so on.
func address(t testing.TB, name string) string {
	t.Helper()
	found := os.Getenv("CURLBACK_TEST_" + name)
	if found == "" {
		if os.Getenv("CURLBACK_TEST_HTTP") == "" {
			t.Fatal("the tests need the test server: run cargo xtask bindings go")
		}
		t.Skipf("there is no %s to talk to", name)
	}
	return found
}

// supported skips a test of what the linked libcurl lacks.
func supported(t testing.TB, callbacks ...Callback) {
	t.Helper()
	for _, callback := range callbacks {
		if !HasCallback(callback) {
			t.Skipf("the %s callback needs another libcurl than %s", callback, LibcurlVersion())
		}
	}
}

// transfer is a handle for a URL that collects its body.
type transfer struct {
	*Easy
	body bytes.Buffer
}

func get(t testing.TB, url string) *transfer {
	t.Helper()
	easy, err := NewEasy()
	must(t, err)
	// Some tests have closed it by then, and some mean to leave it to the collector.
	t.Cleanup(func() { _ = easy.Close() })
	get := &transfer{Easy: easy}
	must(t, easy.SetString(OPT_URL, url))
	must(t, easy.SetInt(OPT_TIMEOUT, int64(limit/time.Second)))
	must(t, easy.BodyTo(&get.body))
	return get
}

// own is the error that callbacks fail with.
type own struct{ what string }

func (o *own) Error() string { return "own: " + o.what }

// panicked runs a function and returns what it panics with.
func panicked(t testing.TB, function func()) (value any) {
	t.Helper()
	defer func() {
		value = recover()
		if value == nil {
			t.Fatal("it did not panic")
		}
	}()
	function()
	return nil
}

// eventually waits for what the collector does, some time.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !is(); {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v; %d handles and %d user data are alive", what, limit, LiveHandles(), alive.Load())
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

// pattern is what the server's /bytes/N sends.
func pattern(length int) []byte {
	all := make([]byte, length)
	for index := range all {
		all[index] = byte(index*31 + index/251)
	}
	return all
}
