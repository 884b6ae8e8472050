package curlback

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"
)

func newMulti(t testing.TB, settings ...MultiSetting) *Multi {
	t.Helper()
	multi, err := NewMulti(settings...)
	must(t, err)
	t.Cleanup(func() { _ = multi.Close() })
	return multi
}

func TestAMultiDoesManyTransfersInItsOwnLoop(t *testing.T) {
	multi := newMulti(t, MultiSetting{MOPT_MAX_TOTAL_CONNECTIONS, 4})
	ended := map[*Easy]error{}
	again := 5
	must(t, multi.OnDone(func(done *Done) {
		ended[done.Easy] = done.Err
		must(t, multi.Remove(done.Easy))
		if again--; again >= 0 {
			must(t, multi.Add(done.Easy))
		}
	}))
	bodies := map[*Easy]*transfer{}
	for range 10 {
		easy := get(t, address(t, "HTTP")+"/hello")
		easy.SetPrivate(easy)
		bodies[easy.Easy] = easy
		must(t, multi.Add(easy.Easy))
		is(t, multi.Add(easy.Easy), ErrInUse)
		is(t, easy.Perform(), ErrInUse)
	}
	refused := get(t, address(t, "REFUSED"))
	must(t, multi.Add(refused.Easy))
	must(t, multi.Run(UntilDone))
	equal(t, len(ended), 11)
	got := 0
	for easy, err := range ended {
		if easy == refused.Easy {
			is(t, err, CURLE_COULDNT_CONNECT)
			continue
		}
		must(t, err)
		equal(t, easy.Private(), any(bodies[easy]))
		got += bodies[easy].body.Len()
	}
	equal(t, got, 15*len("hello, world\n"))
	equal(t, multi.NextDone(), nil)
	_, err := NewMulti(MultiSetting{99, 1})
	is(t, err, ErrOption)
	if multi.Curl() == nil {
		t.Error("there is no CURLM pointer")
	}
}

func TestAProgramsOwnLoopPerformsAndPolls(t *testing.T) {
	multi := newMulti(t)
	easies := []*transfer{get(t, address(t, "HTTP")+"/bytes/100000"), get(t, address(t, "HTTP")+"/trickle/5/10")}
	for _, easy := range easies {
		must(t, multi.Add(easy.Easy))
	}
	pipe := make([]int, 2)
	must(t, syscall.Pipe(pipe))
	defer func() { _, _ = syscall.Close(pipe[0]), syscall.Close(pipe[1]) }()
	_, err := syscall.Write(pipe[1], []byte("x"))
	must(t, err)
	own, seen := &WaitFD{FD: pipe[0], Events: WaitIn}, false
	for {
		running, err := multi.Perform()
		must(t, err)
		if running == 0 {
			break
		}
		_, err = multi.WaitFDs()
		must(t, err)
		_, err = multi.Timeout()
		must(t, err)
		ready, err := multi.Poll(10*time.Millisecond, own)
		must(t, err)
		seen = seen || ready > 0 && own.Ready == WaitIn
	}
	equal(t, seen, true)
	left, err := multi.Timeout()
	must(t, err)
	equal(t, left, -1)
	for range easies {
		must(t, multi.NextDone().Err)
	}
	equal(t, multi.NextDone(), nil)
	equal(t, easies[0].body.Len()+easies[1].body.Len(), 100005)
	must(t, multi.Wakeup())
	began := time.Now()
	_, err = multi.Poll(limit)
	must(t, err)
	if time.Since(began) > limit/2 {
		t.Error("the wakeup was lost")
	}
}

// epoll is somebody else's loop.
type epoll struct {
	*Multi
	t       *testing.T
	fd      int
	timeout time.Duration
	// Of the sockets that are waited for, by what they are assigned.
	watched map[int]*int
}

func newEpoll(t *testing.T) *epoll {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	must(t, err)
	loop := &epoll{Multi: newMulti(t), t: t, fd: fd, timeout: -1, watched: map[int]*int{}}
	t.Cleanup(func() { must(t, syscall.Close(fd)) })
	must(t, loop.OnSocket(loop.watch))
	must(t, loop.OnTimer(func(timeout time.Duration) error {
		loop.timeout = timeout
		return nil
	}))
	return loop
}

func (l *epoll) watch(_ *Easy, fd int, what Interest, data any) error {
	if what == PollRemove {
		if data != any(l.watched[fd]) {
			return errors.New("another socket's data")
		}
		delete(l.watched, fd)
		return syscall.EpollCtl(l.fd, syscall.EPOLL_CTL_DEL, fd, nil)
	}
	event := syscall.EpollEvent{Fd: int32(fd)}
	if what == PollIn || what == PollInOut {
		event.Events |= syscall.EPOLLIN
	}
	if what == PollOut || what == PollInOut {
		event.Events |= syscall.EPOLLOUT
	}
	if data != nil {
		return syscall.EpollCtl(l.fd, syscall.EPOLL_CTL_MOD, fd, &event)
	}
	l.watched[fd] = new(int)
	if err := l.Assign(fd, l.watched[fd]); err != nil {
		return err
	}
	return syscall.EpollCtl(l.fd, syscall.EPOLL_CTL_ADD, fd, &event)
}

// turn waits and acts once.
func (l *epoll) turn() (int, error) {
	wait := int(limit / time.Millisecond)
	if l.timeout >= 0 {
		wait = int(min(l.timeout, limit) / time.Millisecond)
	}
	events := make([]syscall.EpollEvent, 8)
	count, err := syscall.EpollWait(l.fd, events, wait)
	if err == syscall.EINTR {
		count, err = 0, nil
	}
	must(l.t, err)
	if count == 0 {
		l.timeout = -1
		return l.SocketAction(SocketTimeout, 0)
	}
	running := 0
	for _, event := range events[:count] {
		var happened SocketEvents
		if event.Events&syscall.EPOLLIN != 0 {
			happened |= SelectIn
		}
		if event.Events&syscall.EPOLLOUT != 0 {
			happened |= SelectOut
		}
		running, err = l.SocketAction(int(event.Fd), happened)
		if err != nil {
			return 0, err
		}
	}
	return running, nil
}

func TestAnotherLoopDrivesTransfers(t *testing.T) {
	data := alive.Load()
	loop := newEpoll(t)
	easies := []*transfer{}
	for range 3 {
		easy := get(t, address(t, "HTTP")+"/bytes/50000")
		must(t, loop.Add(easy.Easy))
		easies = append(easies, easy)
	}
	for running := 1; running > 0; {
		var err error
		running, err = loop.turn()
		must(t, err)
	}
	for _, easy := range easies {
		must(t, loop.NextDone().Err)
		equal(t, string(easy.body.Bytes()), string(pattern(50000)))
		must(t, easy.Close())
	}
	is(t, loop.Assign(loop.fd, "no socket of libcurl's"), Code(1005))
	must(t, loop.Close())
	equal(t, len(loop.watched), 0)
	equal(t, alive.Load(), data)
}

func TestAnErrorOfALoopsCallbacksEndsEveryTransfer(t *testing.T) {
	for _, where := range []string{"socket", "timer"} {
		multi := newMulti(t)
		failure := &own{where}
		failing := true
		fail := func() error {
			if failing {
				return failure
			}
			return nil
		}
		armed := false
		if where == "socket" {
			must(t, multi.OnSocket(func(*Easy, int, Interest, any) error { return fail() }))
		} else {
			must(t, multi.OnTimer(func(time.Duration) error {
				if !armed {
					return nil
				}
				return fail()
			}))
		}
		hang := get(t, address(t, "HTTP")+"/hang?"+where)
		must(t, multi.Add(hang.Easy))
		armed = true
		var err error
		for range 1000 {
			if _, err = multi.SocketAction(SocketTimeout, 0); err != nil {
				break
			}
		}
		is(t, err, failure)
		is(t, err, Code(1011))
		equal(t, err.(*Error).Callback.String(), "multi_"+where)
		is(t, multi.NextDone().Err, CURLE_ABORTED_BY_CALLBACK)
		failing = false
		must(t, multi.Remove(hang.Easy))
		must(t, hang.SetString(OPT_URL, address(t, "HTTP")+"/hello"))
		must(t, multi.Add(hang.Easy))
		must(t, multi.Run(UntilDone))
		must(t, multi.NextDone().Err)
	}
}

func TestPanicsOfAMultisOwnCallbacksComeOutOfCallsInTheirOrder(t *testing.T) {
	multi := newMulti(t)
	var thrown []any
	must(t, multi.OnSocket(func(_ *Easy, fd int, what Interest, _ any) error {
		if what != PollRemove && len(thrown) < 3 {
			thrown = append(thrown, &own{"socket"})
			panic(thrown[len(thrown)-1])
		}
		return nil
	}))
	for range 3 {
		must(t, multi.Add(get(t, address(t, "HTTP")+"/hang?panics").Easy))
	}
	for next := 0; next < 3; next++ {
		value := panicked(t, func() {
			for range 1000 {
				_, err := multi.SocketAction(SocketTimeout, 0)
				must(t, err)
			}
		})
		equal(t, value, thrown[next])
	}
	_, err := multi.SocketAction(SocketTimeout, 0)
	must(t, err)

	must(t, multi.OnDone(func(*Done) { panic("done") }))
	hello := get(t, address(t, "HTTP")+"/hello")
	must(t, multi.Add(hello.Easy))
	equal(t, panicked(t, func() { _ = multi.Run(UntilDone) }), any("done"))
	equal(t, hello.body.String(), "hello, world\n")
}

func TestTheFirstOfSeveralPanicsComesOutOfTheCallAndEachOfItsTransfer(t *testing.T) {
	data := alive.Load()
	multi := newMulti(t)
	var order []any
	easies := map[*Easy]any{}
	for range 5 {
		easy, value := get(t, address(t, "HTTP")+"/hello"), &own{"transfer"}
		easies[easy.Easy] = value
		must(t, easy.OnHeader(func([]byte) error {
			order = append(order, value)
			panic(value)
		}))
		must(t, multi.Add(easy.Easy))
	}
	ended := 0
	must(t, multi.OnDone(func(done *Done) {
		var panicked *Panicked
		if !errors.As(done.Err, &panicked) || panicked.Value != easies[done.Easy] || len(panicked.Stack) == 0 {
			t.Error(done.Err)
		}
		is(t, done.Err, ErrRaised)
		is(t, done.Err, easies[done.Easy].(error))
		ended++
	}))
	for ended < 5 {
		before := len(order)
		value := func() (value any) {
			defer func() { value = recover() }()
			_, err := multi.Perform()
			must(t, err)
			return nil
		}()
		if len(order) > before {
			equal(t, value, order[before])
		} else {
			equal(t, value, nil)
		}
		_, err := multi.Poll(10 * time.Millisecond)
		must(t, err)
	}
	equal(t, len(order), 5)
	// What came out of the call, and nobody asked the handle for, is no panic that got lost.
	must(t, multi.OnDone(nil))
	one := get(t, address(t, "HTTP")+"/hello")
	must(t, one.OnWrite(func([]byte) error { panic("told") }))
	must(t, multi.Add(one.Easy))
	equal(t, panicked(t, func() { _ = multi.Run(UntilDone) }), any("told"))
	for easy := range easies {
		must(t, easy.Close())
	}
	must(t, one.Close())
	must(t, multi.Close())
	equal(t, alive.Load(), data)
}

func TestAnErrorOfATransferIsItsOwn(t *testing.T) {
	multi := newMulti(t)
	easy := get(t, address(t, "HTTP")+"/hello")
	failure := &own{"write"}
	must(t, easy.OnWrite(func([]byte) error { return failure }))
	must(t, multi.Add(easy.Easy))
	must(t, multi.Run(UntilDone))
	done := multi.NextDone()
	equal(t, done.Easy, easy.Easy)
	is(t, done.Err, failure)
	is(t, done.Err, CURLE_WRITE_ERROR)
}

func TestOtherGoroutinesAddRemoveAndStopWhileItRuns(t *testing.T) {
	multi := newMulti(t)
	ended := make(chan *Done, 10)
	must(t, multi.OnDone(func(done *Done) { ended <- done }))
	stopped := make(chan error)
	go func() { stopped <- multi.Run(UntilStopped) }()
	hello, hang := get(t, address(t, "HTTP")+"/hello"), get(t, address(t, "HTTP")+"/hang?removed")
	reached := make(chan struct{})
	must(t, hang.OnPrereq(func(Connection) error {
		close(reached)
		return nil
	}))
	must(t, retry(func() error { return multi.Add(hang.Easy) }))
	must(t, retry(func() error { return multi.Add(hello.Easy) }))
	done := <-ended
	equal(t, done.Easy, hello.Easy)
	must(t, done.Err)
	<-reached
	must(t, multi.Remove(hang.Easy))
	is(t, (<-ended).Err, ErrCancelled)
	must(t, multi.Stop())
	must(t, <-stopped)
}

// retry is for what may find the loop not begun yet.
func retry(call func() error) error {
	for end := time.Now().Add(limit); ; {
		err := call()
		if !errors.Is(err, ErrBusy) || time.Now().After(end) {
			return err
		}
	}
}

func TestAMultiThatClosesLetsItsHandlesLive(t *testing.T) {
	multi, err := NewMulti()
	must(t, err)
	hang, hello := get(t, address(t, "HTTP")+"/hang?closed"), get(t, address(t, "HTTP")+"/hello")
	must(t, multi.Add(hang.Easy))
	must(t, multi.Add(hello.Easy))
	is(t, multi.Remove(get(t, "").Easy), Code(1002))
	must(t, hello.OnWrite(func([]byte) error {
		is(t, multi.Close(), ErrInCallback)
		_, err := multi.Perform()
		is(t, err, ErrInCallback)
		return nil
	}))
	for multi.NextDone() == nil {
		_, err := multi.Perform()
		must(t, err)
		_, err = multi.Poll(10 * time.Millisecond)
		must(t, err)
	}
	must(t, multi.Close())
	must(t, multi.Close())
	is(t, multi.Add(hello.Easy), ErrHandle)
	must(t, hello.OnWrite(nil))
	must(t, hello.BodyToMemory(100))
	must(t, hello.PerformContext(context.Background()))
	engine := newEngine(t)
	must(t, engine.Perform(t.Context(), hello.Easy))
}

func TestAMultiThatItsOwnCallbacksReferToIsCollected(t *testing.T) {
	live, data := LiveHandles(), alive.Load()
	func() {
		multi, err := NewMulti()
		must(t, err)
		easy, err := NewEasy()
		must(t, err)
		easy.SetPrivate(multi)
		must(t, easy.SetString(OPT_URL, address(t, "HTTP")+"/hang?forgotten"))
		must(t, easy.OnWrite(func([]byte) error { return multi.Stop() }))
		must(t, multi.OnSocket(func(*Easy, int, Interest, any) error { return multi.Wakeup() }))
		must(t, multi.OnTimer(func(time.Duration) error { return multi.Wakeup() }))
		must(t, multi.OnDone(func(*Done) { _ = multi.Stop() }))
		must(t, multi.Add(easy))
		_, err = multi.SocketAction(SocketTimeout, 0)
		must(t, err)
	}()
	eventually(t, "the handles' end", func() bool { return LiveHandles() == live && alive.Load() == data })
}
