package curlback

// #include "bridge.h"
import "C"

import "unsafe"

// SSHKeyType is what sort of host key it is.
type SSHKeyType int32

// The sorts of host keys.
const (
	SSHKeyUnknown SSHKeyType = C.CURLBACK_SSH_KEY_UNKNOWN
	SSHKeyRSA1    SSHKeyType = C.CURLBACK_SSH_KEY_RSA1
	SSHKeyRSA     SSHKeyType = C.CURLBACK_SSH_KEY_RSA
	SSHKeyDSS     SSHKeyType = C.CURLBACK_SSH_KEY_DSS
	SSHKeyECDSA   SSHKeyType = C.CURLBACK_SSH_KEY_ECDSA
	SSHKeyED25519 SSHKeyType = C.CURLBACK_SSH_KEY_ED25519
)

// SSHKey is a host key.
type SSHKey struct {
	Key  []byte
	Type SSHKeyType
	// Base64 says whether Key is base64 text rather than the key itself.
	Base64 bool
}

// SSHMatch is what libcurl says of a host key.
type SSHMatch int32

// What libcurl says of a host key.
const (
	SSHMatched  SSHMatch = C.CURLBACK_SSH_MATCH    // the known-hosts file has it
	SSHMismatch SSHMatch = C.CURLBACK_SSH_MISMATCH // the file has another: the key has changed, or this is not the server
	SSHMissing  SSHMatch = C.CURLBACK_SSH_MISSING  // the file has none
)

// SSHVerdict is a verdict on a host key.
type SSHVerdict int32

// The verdicts. The zero value rejects.
const (
	SSHReject    SSHVerdict = C.CURLBACK_SSH_REJECT
	SSHAccept    SSHVerdict = C.CURLBACK_SSH_ACCEPT      // this time
	SSHAddToFile SSHVerdict = C.CURLBACK_SSH_ADD_TO_FILE // and from now on
	SSHReplace   SSHVerdict = C.CURLBACK_SSH_REPLACE     // in place of the one that the file has
	SSHDefer     SSHVerdict = C.CURLBACK_SSH_DEFER       // as SSHReject
)

// OnSSHKey calls a function to decide on the host key of an SSH server; known is nil where the known-hosts file, OPT_SSH_KNOWNHOSTS, has
// none for it. An error rejects. nil unsets.
func (e *Easy) OnSSHKey(function func(known *SSHKey, found SSHKey, match SSHMatch) (SSHVerdict, error)) error {
	return e.on(CallbackSSHKey, function, function == nil, 0)
}

// OnSSHHostKey calls a function to decide on the host key of an SSH server, in place of the known-hosts file. It returns nil to accept
// it. nil unsets.
func (e *Easy) OnSSHHostKey(function func(found SSHKey) error) error {
	return e.on(CallbackSSHHostKey, function, function == nil, 0)
}

//export curlbackGoSSHKey
func curlbackGoSSHKey(easy *C.curlback_easy, known, found *C.curlback_ssh_key, match C.int32_t, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_SSH_REJECT,
		func(function func(*SSHKey, SSHKey, SSHMatch) (SSHVerdict, error)) (C.int32_t, error) {
			var before *SSHKey
			if known != nil {
				key := sshKey(known)
				before = &key
			}
			verdict, err := function(before, sshKey(found), SSHMatch(match))
			return C.int32_t(verdict), err
		})
}

//export curlbackGoSSHHostKey
func curlbackGoSSHHostKey(easy *C.curlback_easy, found *C.curlback_ssh_key, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_SSH_REJECT, func(function func(SSHKey) error) (C.int32_t, error) {
		return C.CURLBACK_SSH_ACCEPT, function(sshKey(found))
	})
}

// sshKey copies a key.
func sshKey(key *C.curlback_ssh_key) SSHKey {
	return SSHKey{
		Key:    C.GoBytes(unsafe.Pointer(key.key), C.int(key.len)),
		Type:   SSHKeyType(key._type),
		Base64: bool(key.base64),
	}
}
