package curlback

import (
	"context"
	"slices"
	"testing"
	"time"
)

// How long a transfer may go on when its context is done: half of so many rounds at most.
const (
	promptly = 50 * time.Millisecond
	rounds   = 9
)

// median checks how long it took.
func median(t *testing.T, what string, took []time.Duration) {
	t.Helper()
	slices.Sort(took)
	if took[len(took)/2] > promptly {
		t.Errorf("%s: it took %v", what, took)
	}
}

func TestAContextEndsATransferPromptly(t *testing.T) {
	for _, route := range []string{"/stall", "/hang"} {
		var took []time.Duration
		for range rounds {
			took = append(took, ended(t, route, (*Easy).PerformContext))
		}
		median(t, route, took)
	}
}

// ended is how long a transfer went on when its context was done, which is when it had got to where it stays.
func ended(t *testing.T, route string, perform func(*Easy, context.Context) error) time.Duration {
	t.Helper()
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
	err := perform(stalled.Easy, ctx)
	took := time.Since(done)
	is(t, err, ErrCancelled)
	is(t, err, why)
	must(t, stalled.Close())
	return took
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
