//go:build !curlback_no_pkg_config

package curlback

// #cgo pkg-config: curlback
import "C"
