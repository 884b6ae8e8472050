//go:build curlback_no_pkg_config

package curlback

// CGO_CFLAGS and CGO_LDFLAGS say where the header and the library are.

// #cgo LDFLAGS: -lcurlback
import "C"
