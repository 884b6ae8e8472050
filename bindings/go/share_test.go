package curlback

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

func TestHandlesShareCookies(t *testing.T) {
	share, err := NewShare(ShareCookies, ShareDNS)
	must(t, err)
	one, two := get(t, address(t, "HTTP")+"/cookies"), get(t, address(t, "HTTP")+"/request-headers")
	for _, easy := range []*transfer{one, two} {
		must(t, easy.SetString(OPT_COOKIEFILE, ""))
		must(t, easy.SetShare(share))
		must(t, easy.Perform())
	}
	if !strings.Contains(two.body.String(), "one=1") {
		t.Fatal(two.body.String())
	}
	is(t, share.Close(), ErrInUse)
	is(t, share.Remove(ShareDNS), ErrInUse)
	must(t, one.Close())
	must(t, two.SetShare(nil))
	must(t, share.Remove(ShareDNS))
	must(t, share.Close())
	must(t, share.Close())
	is(t, two.SetShare(share), ErrHandle)
	_, err = NewShare(77)
	is(t, err, ErrRange)
}

// A connection's callback outlives its handle, and is let go of with the share.
func TestAConnectionInAShareClosesAsItWasOpened(t *testing.T) {
	before := alive.Load()
	share, err := NewShare(ShareConnections)
	must(t, err)
	first := get(t, address(t, "HTTP")+"/hello")
	must(t, first.SetShare(share))
	closed := 0
	must(t, first.OnCloseSocket(func(fd int) {
		closed++
		must(t, syscall.Close(fd))
	}))
	must(t, first.Perform())
	must(t, first.Close())
	second := get(t, address(t, "HTTP")+"/hello")
	must(t, second.SetShare(share))
	must(t, second.Perform())
	connections, err := second.GetInt(INFO_NUM_CONNECTS)
	must(t, err)
	equal(t, connections, 0)
	must(t, second.Close())
	equal(t, closed, 0)
	runtime.GC()
	must(t, share.Close())
	equal(t, closed, 1)
	equal(t, alive.Load(), before)
}

func TestGoroutinesShareConnections(t *testing.T) {
	share, err := NewShare(ShareConnections, ShareDNS, ShareTLSSessions)
	must(t, err)
	var wait sync.WaitGroup
	for range 8 {
		easy := get(t, address(t, "HTTP")+"/hello")
		must(t, easy.SetShare(share))
		wait.Add(1)
		go func() {
			defer wait.Done()
			for range 20 {
				if err := easy.Perform(); err != nil {
					t.Error(err)
				}
			}
			equal(t, easy.body.Len(), 20*len("hello, world\n"))
			must(t, easy.Close())
		}()
	}
	wait.Wait()
	must(t, share.Close())
}

func TestAShareLocksByTheProgramsFunctions(t *testing.T) {
	before := alive.Load()
	share, err := NewShare(ShareCookies, ShareDNS)
	must(t, err)
	var mutexes [16]sync.RWMutex
	var locked, unlocked atomic.Int64
	must(t, share.OnLock(func(ShareData, Access) {}, func(ShareData) {}))
	must(t, share.OnLock(nil, nil))
	is(t, share.OnLock(nil, func(ShareData) {}), ErrNull)
	equal(t, alive.Load(), before)
	must(t, share.OnLock(func(data ShareData, access Access) {
		if access != AccessShared && access != AccessSingle {
			t.Error(access)
		}
		mutexes[data].Lock()
		locked.Add(1)
	}, func(data ShareData) {
		unlocked.Add(1)
		mutexes[data].Unlock()
	}))
	var wait sync.WaitGroup
	for range 4 {
		easy := get(t, address(t, "HTTP")+"/cookies")
		must(t, easy.SetString(OPT_COOKIEFILE, ""))
		must(t, easy.SetShare(share))
		wait.Add(1)
		go func() {
			defer wait.Done()
			for range 20 {
				if err := easy.Perform(); err != nil {
					t.Error(err)
				}
			}
			if err := easy.Close(); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	must(t, share.Close())
	if locked.Load() < 100 || locked.Load() != unlocked.Load() {
		t.Error(locked.Load(), unlocked.Load())
	}
	equal(t, alive.Load(), before)
}

func TestWhatALockPanicsWithComesOutOfItsTransfer(t *testing.T) {
	share, err := NewShare(ShareCookies)
	must(t, err)
	panics := false
	must(t, share.OnLock(func(ShareData, Access) {
		if panics {
			panics = false
			panic("locked")
		}
	}, func(ShareData) {}))
	easy := get(t, address(t, "HTTP")+"/cookies")
	must(t, easy.SetString(OPT_COOKIEFILE, ""))
	must(t, easy.SetShare(share))
	must(t, easy.OnPrereq(func(Connection) error {
		panics = true
		return nil
	}))
	equal(t, panicked(t, func() { _ = easy.Perform() }), any("locked"))
	must(t, easy.OnPrereq(nil))
	must(t, easy.Perform())
	must(t, easy.Close())
	must(t, share.Close())
}
