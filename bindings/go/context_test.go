package curlback

import (
	"context"
	"testing"
	"time"
)

// How long a transfer may go on when its context is done.
const promptly = 50 * time.Millisecond

func TestAContextEndsATransferPromptly(t *testing.T) {
	for _, route := range []string{"/stall", "/hang"} {
		stalled := get(t, address(t, "HTTP")+route+"?go")
		reached := make(chan struct{}, 1)
		reach := func([]byte) error {
			select {
			case reached <- struct{}{}:
			default:
			}
			return nil
		}
		must(t, stalled.OnWrite(reach))
		if route == "/hang" {
			must(t, stalled.OnPrereq(func(Connection) error { return reach(nil) }))
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		why := &own{"enough"}
		var done time.Time
		go func() {
			<-reached
			done = time.Now()
			cancel(why)
		}()
		err := stalled.PerformContext(ctx)
		if took := time.Since(done); took > promptly {
			t.Errorf("%s: it took %v", route, took)
		}
		is(t, err, ErrCancelled)
		is(t, err, why)
	}
}

func TestADeadlineEndsATransfer(t *testing.T) {
	hang := get(t, address(t, "HTTP")+"/hang?deadline")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := hang.PerformContext(ctx)
	is(t, err, context.DeadlineExceeded)
	is(t, err, ErrCancelled)
}

func TestAContextThatIsDoneBeginsNothing(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := hello.PerformContext(ctx)
	is(t, err, context.Canceled)
	is(t, err, ErrCancelled)
	equal(t, hello.body.Len(), 0)
}

// A cancel that comes before the transfer has begun must not get lost, and one that comes late must not end the next transfer.
func TestAContextIsForItsOwnTransfer(t *testing.T) {
	hang, hello := get(t, address(t, "HTTP")+"/hang?own"), address(t, "HTTP")+"/hello"
	for round := range 50 {
		must(t, hang.SetString(OPT_URL, address(t, "HTTP")+"/hang?own"))
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range round * 100 {
				// Some time, more in each round.
				_ = ctx.Err()
			}
			cancel()
		}()
		is(t, hang.PerformContext(ctx), context.Canceled)
		must(t, hang.SetString(OPT_URL, hello))
		must(t, hang.PerformContext(context.Background()))
	}
}

// The context is done at about the time at which the transfer ends by itself.
func TestALateCancelDoesNotEndTheNextTransfer(t *testing.T) {
	hello := get(t, address(t, "HTTP")+"/hello")
	for range 2000 {
		ctx, cancel := context.WithCancel(t.Context())
		must(t, hello.OnWrite(func([]byte) error {
			go cancel()
			return nil
		}))
		if err := hello.PerformContext(ctx); err != nil {
			is(t, err, context.Canceled)
		}
		must(t, hello.OnWrite(func([]byte) error { return nil }))
		must(t, hello.Perform())
		cancel()
	}
}

func TestCancelEndsATransferFromAnotherGoroutine(t *testing.T) {
	stalled := get(t, address(t, "HTTP")+"/stall?cancel")
	must(t, stalled.OnWrite(func([]byte) error {
		go func() { _ = stalled.Cancel() }()
		return nil
	}))
	err := stalled.PerformContext(t.Context())
	is(t, err, ErrCancelled)
	equal(t, err.(*Error).Cause, nil)
}
