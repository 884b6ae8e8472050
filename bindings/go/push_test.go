package curlback

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestNotificationsComeWithTheirHandles(t *testing.T) {
	supported(t, CallbackMultiNotify)
	multi := newMulti(t)
	easy := get(t, address(t, "HTTP")+"/hello")
	var seen []Notification
	must(t, multi.OnNotify(func(notification Notification, of *Easy) {
		seen = append(seen, notification)
		if (notification == NotifyEasyDone) != (of == easy.Easy) {
			t.Error(notification, of)
		}
	}))
	must(t, multi.Notify(NotifyEasyDone, true))
	must(t, multi.Notify(NotifyInfoRead, true))
	is(t, multi.Notify(7, true), ErrRange)
	must(t, multi.Add(easy.Easy))
	must(t, multi.Run(UntilDone))
	if !slices.Contains(seen, NotifyEasyDone) || !slices.Contains(seen, NotifyInfoRead) {
		t.Error(seen)
	}
	must(t, multi.OnNotify(nil))
}

// pushing is a Multi with a transfer that the server answers with two more.
func pushing(t *testing.T) (*Multi, *transfer) {
	url := address(t, "PUSH")
	if !HasFeature("HTTP2") || LibcurlVersionNumber() < 0x080000 {
		t.Skipf("server push needs HTTP/2 and libcurl 8.0: this is %s", LibcurlVersion())
	}
	page := get(t, url)
	must(t, page.SetInt(OPT_HTTP_VERSION, 3))
	must(t, page.SetString(OPT_CAINFO, os.Getenv("CURLBACK_TEST_PUSH_CA")))
	multi := newMulti(t)
	must(t, multi.Add(page.Easy))
	return multi, page
}

func TestWhatAServerPushesIsTheProgramsWhereItWantsIt(t *testing.T) {
	multi, page := pushing(t)
	var taken, refused []*Easy
	must(t, multi.OnPush(func(parent, pushed *Easy, headers []string) (bool, error) {
		if parent != page.Easy || pushed == page.Easy {
			t.Error(parent, pushed)
		}
		if !slices.ContainsFunc(headers, func(line string) bool { return strings.HasPrefix(line, ":path") }) {
			t.Error(headers)
		}
		if len(taken) == 0 {
			taken = append(taken, pushed)
			return true, pushed.BodyToMemory(10_000)
		}
		refused = append(refused, pushed)
		return false, nil
	}))
	ended := map[*Easy]error{}
	must(t, multi.OnDone(func(done *Done) { ended[done.Easy] = done.Err }))
	must(t, page.ClearBody())
	must(t, page.BodyToMemory(10_000))
	must(t, multi.Run(UntilDone))
	equal(t, len(taken), 1)
	equal(t, len(refused), 1)
	equal(t, len(ended), 2)
	must(t, ended[page.Easy])
	must(t, ended[taken[0]])
	status, err := taken[0].GetInt(INFO_RESPONSE_CODE)
	must(t, err)
	equal(t, status, 200)
	is(t, refused[0].SetString(OPT_URL, "gone"), ErrHandle)
	must(t, taken[0].Close())
}

func TestAnErrorOfOnPushEndsTheTransferAndAPanicComesOut(t *testing.T) {
	multi, page := pushing(t)
	failure := &own{"push"}
	must(t, multi.OnPush(func(_, _ *Easy, _ []string) (bool, error) { return true, failure }))
	must(t, multi.Run(UntilDone))
	err := multi.NextDone().Err
	is(t, err, CURLE_RECV_ERROR)
	is(t, err, failure)

	must(t, multi.Remove(page.Easy))
	must(t, multi.OnPush(func(_, _ *Easy, _ []string) (bool, error) { panic(failure) }))
	must(t, multi.Add(page.Easy))
	for range 2 {
		equal(t, panicked(t, func() { _ = multi.Run(UntilDone) }), any(failure))
	}
	must(t, multi.Run(UntilDone))
	must(t, multi.NextDone().Err)
	must(t, page.Close())
	must(t, multi.Close())
}
