package curlback

// #include "bridge.h"
import "C"

import "runtime"

// ShareData is what a share can have in common.
type ShareData int32

// What a share can have in common.
const (
	ShareCookies     ShareData = C.CURLBACK_SHARE_COOKIES // among handles that have OPT_COOKIEFILE, "" say
	ShareDNS         ShareData = C.CURLBACK_SHARE_DNS
	ShareTLSSessions ShareData = C.CURLBACK_SHARE_TLS_SESSIONS
	ShareConnections ShareData = C.CURLBACK_SHARE_CONNECTIONS
	SharePSL         ShareData = C.CURLBACK_SHARE_PSL
	ShareHSTS        ShareData = C.CURLBACK_SHARE_HSTS
)

// Share is caches that handles share, also those that perform at the same time: the library locks them.
type Share struct {
	handle  *C.curlback_share
	cleanup runtime.Cleanup
}

// NewShare makes a share of these data.
func NewShare(data ...ShareData) (*Share, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	handle := C.curlback_share_new()
	if handle == nil {
		return nil, refused(ErrNoMemory)
	}
	share := &Share{handle: handle}
	share.cleanup = runtime.AddCleanup(share, func(handle *C.curlback_share) { C.curlback_share_release(handle) }, handle)
	for _, one := range data {
		if err := share.Add(one); err != nil {
			share.cleanup.Stop()
			C.curlback_share_release(handle)
			return nil, err
		}
	}
	return share, nil
}

// Add has the handles that use the share have data in common; [ErrInUse] while one does.
func (s *Share) Add(data ShareData) error {
	return s.ask(func() C.curlback_result { return C.curlback_share_add(s.handle, C.int32_t(data)) })
}

// Remove has the handles that will use the share have data no longer in common.
func (s *Share) Remove(data ShareData) error {
	return s.ask(func() C.curlback_result { return C.curlback_share_remove(s.handle, C.int32_t(data)) })
}

// Access is what a lock is for.
type Access int32

// What a lock is for.
const (
	AccessShared Access = C.CURLBACK_ACCESS_SHARED // to read, by several at a time
	AccessSingle Access = C.CURLBACK_ACCESS_SINGLE // by one alone
)

// OnLock has the share lock by these functions in place of the library's own locks: one lock for each kind of data, [ShareData] or 1 for
// the share itself. They run in the midst of libcurl's work: the handles and the share must be left alone. nil for both gives the
// library's own back; [ErrInUse] while a handle uses the share.
//
// What they panic with comes out of the transfer that they are called for; where there is none, it ends the program. The share keeps
// them until it is closed: close one whose functions refer to it.
func (s *Share) OnLock(lock func(data ShareData, access Access), unlock func(data ShareData)) error {
	if lock == nil && unlock == nil {
		return s.ask(func() C.curlback_result { return C.curlback_go_on_lock(s.handle, false, false, 0) })
	}
	// Not the share's own: it is used for as long as a handle has it, whether or not the share is referred to.
	data := hold(&userData{held: &callback{&locks{lock, unlock}}})
	err := s.ask(func() C.curlback_result {
		return C.curlback_go_on_lock(s.handle, C.bool(lock != nil), C.bool(unlock != nil), data)
	})
	if err != nil {
		let(data)
	}
	return err
}

// locks are what OnLock was given.
type locks struct {
	lock   func(ShareData, Access)
	unlock func(ShareData)
}

//export curlbackGoLock
func curlbackGoLock(easy *C.curlback_easy, what, access C.int32_t, user C.uintptr_t) {
	run(easy, user, 0, func(locks *locks) (int, error) {
		locks.lock(ShareData(what), Access(access))
		return 0, nil
	})
}

//export curlbackGoUnlock
func curlbackGoUnlock(easy *C.curlback_easy, what C.int32_t, user C.uintptr_t) {
	run(easy, user, 0, func(locks *locks) (int, error) {
		locks.unlock(ShareData(what))
		return 0, nil
	})
}

// Close closes the share and the connections in it; [ErrInUse] while a handle uses it. A second Close does nothing.
func (s *Share) Close() error {
	err := s.ask(func() C.curlback_result {
		result := C.curlback_share_close(s.handle)
		if result == C.CURLBACK_E_HANDLE {
			return C.CURLBACK_OK
		}
		return result
	})
	if err == nil {
		s.cleanup.Stop()
	}
	return err
}

func (s *Share) ask(function func() C.curlback_result) error {
	defer runtime.KeepAlive(s)
	return ask(function)
}

// SetShare lets the handle use the caches of the share in place of its own; nil detaches.
func (e *Easy) SetShare(share *Share) error {
	if share == nil {
		return e.ask(func() C.curlback_result { return C.curlback_easy_set_share(e.handle, nil) })
	}
	return share.ask(func() C.curlback_result {
		defer runtime.KeepAlive(e)
		return C.curlback_easy_set_share(e.handle, share.handle)
	})
}
