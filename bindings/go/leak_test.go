package curlback

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// resident is the process's memory in bytes.
func resident(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	must(t, err)
	var size, pages int
	_, err = fmt.Sscan(string(text), &size, &pages)
	must(t, err)
	return pages * os.Getpagesize()
}

// Each handle has callbacks that refer to it. A third is closed, a third reset and forgotten, a third forgotten.
func TestAHundredThousandHandlesLeaveNothing(t *testing.T) {
	const handles, warm, bound = 100_000, 10_000, 64 << 20
	runtime.GC()
	live, data := LiveHandles(), alive.Load()
	drops, closed, memory := 0, 0, 0
	for number := range handles {
		if number == warm {
			memory = resident(t)
		}
		easy, err := NewEasy()
		must(t, err)
		must(t, easy.OnWrite(func([]byte) error { return easy.Cancel() }))
		must(t, easy.OnHeader(func([]byte) error { return nil }))
		must(t, easy.OnHeader(func([]byte) error { return easy.Cancel() }))
		must(t, easy.OnCloseSocket(func(int) {}))
		easy.SetPrivate(easy)
		switch number % 3 {
		case 0:
			before := alive.Load()
			must(t, easy.Close())
			// Those of handles that the collector found may go meanwhile.
			if gone := before - alive.Load(); gone >= 3 {
				drops++
			}
			closed++
		case 1:
			must(t, easy.Reset())
		}
		if number%1000 == 0 {
			runtime.GC()
		}
	}
	equal(t, drops, closed)
	eventually(t, "the handles' end", func() bool { return LiveHandles() == live && alive.Load() == data })
	if grown := resident(t) - memory; grown > bound {
		t.Errorf("%d MiB more memory", grown>>20)
	}
}

func TestTransfersLeaveNothing(t *testing.T) {
	live, data := LiveHandles(), alive.Load()
	func() {
		easy, err := NewEasy()
		must(t, err)
		mime, err := NewMime(easy)
		must(t, err)
		part, err := mime.Add()
		must(t, err)
		must(t, part.Reader(strings.NewReader("content"), -1))
		must(t, easy.SetString(OPT_URL, address(t, "HTTP")+"/multipart"))
		must(t, easy.SetMime(mime))
		for round := range 300 {
			must(t, easy.OnWrite(func([]byte) error {
				switch round % 3 {
				case 1:
					return &own{"error"}
				case 2:
					panic("panic")
				}
				return nil
			}))
			func() {
				defer func() {
					if value := recover(); (value != nil) != (round%3 == 2) {
						t.Error(value)
					}
				}()
				if err := easy.Perform(); (err != nil) != (round%3 == 1) {
					t.Error(err)
				}
			}()
		}
	}()
	eventually(t, "the transfers' end", func() bool { return LiveHandles() == live && alive.Load() == data })
}

func TestAHandleThatItsOwnCallbacksReferToIsCollected(t *testing.T) {
	live, data := LiveHandles(), alive.Load()
	func() {
		easy, err := NewEasy()
		must(t, err)
		must(t, easy.OnWrite(func([]byte) error { return easy.Cancel() }))
		twin, err := easy.Duplicate()
		must(t, err)
		must(t, twin.OnHeader(func([]byte) error { return easy.Cancel() }))
	}()
	eventually(t, "the handles' end", func() bool { return LiveHandles() == live && alive.Load() == data })
}

func TestCallbacksStayWhileTheirHandleDoes(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	twin, err := hello.Duplicate()
	must(t, err)
	for range 5 {
		runtime.GC()
	}
	must(t, hello.Perform())
	must(t, twin.Perform())
	equal(t, hello.body.String(), "hello, world\nhello, world\n")
	must(t, twin.Close())
}
