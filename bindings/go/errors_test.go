package curlback

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestACallbacksErrorComesOutOfPerform(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	failure := &own{"write"}
	must(t, hello.OnWrite(func([]byte) error { return failure }))
	err := hello.Perform()
	is(t, err, failure)
	is(t, err, CURLE_WRITE_ERROR)
	var found *own
	if !errors.As(err, &found) || found != failure {
		t.Fatal(found)
	}
	var details *Error
	if !errors.As(err, &details) {
		t.Fatal(err)
	}
	equal(t, details.Callback, CallbackWrite)
	if !strings.Contains(err.Error(), "in the write callback: own: write") {
		t.Fatal(err)
	}
	// The next transfer has nothing of it.
	must(t, hello.BodyTo(&hello.body))
	must(t, hello.Perform())
}

func TestAWritersAndAReadersErrorsComeOutOfPerform(t *testing.T) {
	echo := get(t, address(t, "HTTP")+"/echo")
	must(t, echo.SetBool(OPT_UPLOAD, true))
	failure := &own{"read"}
	must(t, echo.SendFrom(io.MultiReader(strings.NewReader("some"), &failing{failure})))
	err := echo.Perform()
	is(t, err, CURLE_ABORTED_BY_CALLBACK)
	is(t, err, failure)

	must(t, echo.SendFrom(&failing{nil}))
	is(t, echo.Perform(), io.ErrNoProgress)
	must(t, echo.OnRead(func(buffer []byte) (int, error) { return len(buffer) + 1, nil }))
	is(t, echo.Perform(), CURLE_ABORTED_BY_CALLBACK)

	hello := get(t, address(t, "HTTP")+"/hello")
	must(t, hello.BodyTo(writer(func(data []byte) (int, error) { return len(data) - 1, nil })))
	is(t, hello.Perform(), io.ErrShortWrite)
	closed, err := os.CreateTemp(t.TempDir(), "")
	must(t, err)
	must(t, closed.Close())
	must(t, hello.BodyTo(closed))
	is(t, hello.Perform(), os.ErrClosed)
}

// failing is a reader that only fails; with nil it gives nothing, for ever.
type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func TestACallbacksPanicComesOutOfPerform(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	value := &own{"the very same"}
	registrations := []func() error{
		func() error { return hello.OnWrite(func([]byte) error { panic(value) }) },
		func() error { return hello.OnHeader(func([]byte) error { panic(value) }) },
		// These cannot fail.
		func() error { return hello.OnDebug(func(DebugKind, []byte) { panic(value) }) },
		func() error { return hello.OnXferinfo(func(Progress) error { panic(value) }) },
		func() error { return hello.OnPrereq(func(Connection) error { panic(value) }) },
	}
	for _, register := range registrations {
		must(t, register())
		equal(t, panicked(t, func() { _ = hello.Perform() }), any(value))
		must(t, hello.OnHeader(nil))
		must(t, hello.OnDebug(nil))
		must(t, hello.OnXferinfo(nil))
	}
	must(t, hello.OnPrereq(nil))
	must(t, hello.BodyTo(&hello.body))
	must(t, hello.Perform())
	equal(t, hello.body.String(), "hello, world\n")
	must(t, hello.OnWrite(func([]byte) error {
		var none map[string]int
		none["a runtime error"] = 1
		return nil
	}))
	if err, is := panicked(t, func() { _ = hello.Perform() }).(error); !is || !strings.Contains(err.Error(), "nil map") {
		t.Fatal(err)
	}
}

func TestAPanicWhileClosingComesOutOfClose(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	must(t, hello.OnCloseSocket(func(int) { panic("while closing") }))
	must(t, hello.Perform())
	equal(t, panicked(t, func() { _ = hello.Close() }), any("while closing"))
	must(t, hello.Close())
}

func TestAnotherHandlePerformsInsideACallback(t *testing.T) {
	outer, inner := get(t, address(t, "HTTP")+"/hello"), get(t, address(t, "HTTP")+"/hello")
	failure := &own{"inner"}
	must(t, inner.OnWrite(func([]byte) error { return failure }))
	must(t, outer.OnWrite(func([]byte) error {
		is(t, outer.Perform(), ErrInCallback)
		is(t, outer.Close(), ErrInCallback)
		return inner.Perform()
	}))
	err := outer.Perform()
	is(t, err, CURLE_WRITE_ERROR)
	is(t, err, failure)
}

// What ends the process is tried in another one.
func TestWhatCannotBeHandedOnEndsTheProgramWithASentence(t *testing.T) {
	for name, sentences := range map[string][]string{
		"lost": {"a callback panicked where no call can hand the panic on: the connection outlived its handle",
			"Recover inside callbacks that can run when their handle is gone"},
		"goexit": {"runtime.Goexit inside a callback", "Return an error instead"},
	} {
		if os.Getenv("CURLBACK_TEST_END") == name {
			end(t, name)
			return
		}
		if os.Getenv("CURLBACK_TEST_END") != "" {
			continue
		}
		command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		command.Env = append(os.Environ(), "CURLBACK_TEST_END="+name)
		said, err := command.CombinedOutput()
		for _, sentence := range sentences {
			if err == nil || !strings.Contains(string(said), sentence) {
				t.Errorf("%s: %v\n%s", name, err, said)
			}
		}
	}
}

func end(t *testing.T, how string) {
	hello := get(t, address(t, "HTTP")+"/hello")
	switch how {
	case "lost":
		// The share keeps the connection, and closes it when no handle is left.
		share, err := NewShare(ShareConnections)
		must(t, err)
		must(t, hello.SetShare(share))
		must(t, hello.OnCloseSocket(func(int) { panic("the connection outlived its handle") }))
		must(t, hello.Perform())
		must(t, hello.Close())
		_ = share.Close()
		select {}
	case "goexit":
		must(t, hello.OnWrite(func([]byte) error {
			t.FailNow()
			return nil
		}))
		_ = hello.Perform()
	}
}
