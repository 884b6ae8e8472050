package curlback

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

func newEngine(t testing.TB, settings ...MultiSetting) *Engine {
	t.Helper()
	engine, err := NewEngine(settings...)
	must(t, err)
	t.Cleanup(func() { must(t, engine.Close()) })
	return engine
}

func TestGoroutinesShareAnEngine(t *testing.T) {
	const goroutines, rounds = 20, 10
	engine := newEngine(t, MultiSetting{MOPT_MAX_TOTAL_CONNECTIONS, 8})
	var wait sync.WaitGroup
	for number := range goroutines {
		wait.Add(1)
		go func() {
			defer wait.Done()
			easy := get(t, "")
			for round := range rounds {
				easy.body.Reset()
				length := number*1000 + round
				if err := easy.SetString(OPT_URL, fmt.Sprintf("%s/bytes/%d", address(t, "HTTP"), length)); err != nil {
					t.Error(err)
				}
				if err := engine.Perform(t.Context(), easy.Easy); err != nil {
					t.Error(err)
				}
				if string(easy.body.Bytes()) != string(pattern(length)) {
					t.Errorf("%d: other bytes came", length)
				}
			}
		}()
	}
	wait.Wait()
}

func TestAnEnginesTransferEndsAsPerformDoes(t *testing.T) {
	engine := newEngine(t)
	easy := get(t, address(t, "HTTP")+"/hello")
	failure := &own{"in the engine"}
	must(t, easy.OnWrite(func([]byte) error { return failure }))
	err := engine.Perform(t.Context(), easy.Easy)
	is(t, err, failure)
	is(t, err, CURLE_WRITE_ERROR)

	// One that another one's panic must not disturb.
	other := get(t, address(t, "HTTP")+"/trickle/5/10")
	running, err := engine.Start(other.Easy)
	must(t, err)
	must(t, easy.OnWrite(func([]byte) error { panic(failure) }))
	equal(t, panicked(t, func() { _ = engine.Perform(t.Context(), easy.Easy) }), any(failure))
	must(t, running.Wait())
	equal(t, other.body.Len(), 5)

	must(t, easy.SetString(OPT_URL, address(t, "REFUSED")))
	is(t, engine.Perform(t.Context(), easy.Easy), CURLE_COULDNT_CONNECT)
	must(t, easy.BodyTo(&easy.body))
	must(t, easy.SetString(OPT_URL, address(t, "HTTP")+"/hello"))
	must(t, easy.Perform())
	equal(t, easy.body.String(), "hello, world\n")
}

// Each panic takes the engine's thread out of its loop and in again, while others submit.
func TestPanicsInAnEngineDisturbNobodyElse(t *testing.T) {
	const goroutines, rounds = 8, 200
	engine := newEngine(t)
	var wait sync.WaitGroup
	for number := range goroutines {
		easy := get(t, address(t, "HTTP")+"/hello")
		wait.Add(1)
		go func() {
			defer wait.Done()
			for round := range rounds {
				value := fmt.Sprint(number, round)
				must(t, easy.OnWrite(func([]byte) error { panic(value) }))
				equal(t, panicked(t, func() { _ = engine.Perform(t.Context(), easy.Easy) }), any(value))
				easy.body.Reset()
				must(t, easy.BodyTo(&easy.body))
				must(t, engine.Perform(t.Context(), easy.Easy))
				equal(t, easy.body.String(), "hello, world\n")
			}
		}()
	}
	wait.Wait()
}

func TestAContextEndsAnEnginesTransferPromptly(t *testing.T) {
	engine := newEngine(t)
	perform := func(easy *Easy, ctx context.Context) error { return engine.Perform(ctx, easy) }
	var took []time.Duration
	for range rounds {
		took = append(took, ended(t, "/stall", perform))
	}
	median(t, "an engine's /stall", took)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	stalled := get(t, address(t, "HTTP")+"/hang?engine")
	is(t, engine.Perform(over, stalled.Easy), context.Canceled)

	// The handle is free at once, and no late cancel comes.
	for range 50 {
		must(t, stalled.SetString(OPT_URL, address(t, "HTTP")+"/hang?engine"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		is(t, engine.Perform(ctx, stalled.Easy), context.DeadlineExceeded)
		cancel()
		must(t, stalled.SetString(OPT_URL, address(t, "HTTP")+"/hello"))
		must(t, stalled.BodyTo(&stalled.body))
		must(t, engine.Perform(t.Context(), stalled.Easy))
	}
}

func TestAnEngineThatClosesEndsWhatIsUnderWay(t *testing.T) {
	engine, err := NewEngine()
	must(t, err)
	hang := get(t, address(t, "HTTP")+"/hang?close")
	reached := make(chan struct{})
	must(t, hang.OnPrereq(func(Connection) error {
		close(reached)
		return nil
	}))
	transfer, err := engine.Start(hang.Easy)
	must(t, err)
	_, err = engine.Start(hang.Easy)
	is(t, err, ErrInUse)
	is(t, hang.Perform(), ErrInUse)
	<-reached
	must(t, engine.Close())
	<-transfer.Done()
	is(t, transfer.Wait(), ErrCancelled)
	transfer.Cancel()
	must(t, engine.Close())
	_, err = engine.Start(hang.Easy)
	is(t, err, ErrHandle)
	must(t, hang.OnPrereq(nil))
	must(t, hang.SetString(OPT_URL, address(t, "HTTP")+"/hello"))
	must(t, hang.Perform())
}

func TestACallbackStartsTransfersAndDoesNotWaitForItsOwnThread(t *testing.T) {
	engine := newEngine(t)
	outer, inner := get(t, address(t, "HTTP")+"/hello"), get(t, address(t, "HTTP")+"/hello")
	var started *Transfer
	must(t, outer.OnWrite(func([]byte) error {
		is(t, engine.Close(), ErrInCallback)
		is(t, engine.Perform(t.Context(), inner.Easy), ErrInCallback)
		_, err := engine.Start(outer.Easy)
		is(t, err, ErrInUse)
		started, err = engine.Start(inner.Easy)
		must(t, err)
		is(t, started.Wait(), ErrInCallback)
		return nil
	}))
	must(t, engine.Perform(t.Context(), outer.Easy))
	must(t, started.Wait())
	equal(t, inner.body.String(), "hello, world\n")
}

func TestAHandleThatIsAtWorkElsewhereIsRefused(t *testing.T) {
	engine := newEngine(t)
	busy := get(t, address(t, "HTTP")+"/hello")
	must(t, busy.OnWrite(func([]byte) error { return engine.Perform(t.Context(), busy.Easy) }))
	err := busy.Perform()
	is(t, err, CURLE_WRITE_ERROR)
	is(t, err, ErrBusy)
}

func TestAnEnginesSettingThatIsNoneIsSaid(t *testing.T) {
	before := alive.Load()
	_, err := NewEngine(MultiSetting{99, 1})
	is(t, err, ErrOption)
	equal(t, alive.Load(), before)
}

func TestAnEngineThatIsForgottenIsClosed(t *testing.T) {
	before, data := LiveHandles(), alive.Load()
	func() {
		engine, err := NewEngine()
		must(t, err)
		easy, err := NewEasy()
		must(t, err)
		must(t, easy.SetString(OPT_URL, address(t, "HTTP")+"/hello"))
		must(t, easy.OnWrite(func([]byte) error { return nil }))
		// Nobody has the engine or the transfer any more: it ends all the same.
		_, err = engine.Start(easy)
		must(t, err)
	}()
	eventually(t, "forgotten handles", func() bool { return LiveHandles() == before && alive.Load() == data })
}
