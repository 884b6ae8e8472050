package curlback

// #include "bridge.h"
import "C"

// SocketPurpose is what a socket is for.
type SocketPurpose int32

// What a socket is for.
const (
	SocketConnect SocketPurpose = C.CURLBACK_SOCKET_CONNECT
	SocketAccept  SocketPurpose = C.CURLBACK_SOCKET_ACCEPT // the data connection of FTP in active mode; OnSockopt alone
)

// SocketDefault is what OnOpenSocket returns to have the socket opened as libcurl would.
const SocketDefault = int(C.CURLBACK_SOCKET_DEFAULT)

// Address is where libcurl is about to connect to.
type Address struct {
	// Family, Type and Protocol are the system's numbers: syscall.AF_INET and so on. On Linux Type has SOCK_CLOEXEC and SOCK_NONBLOCK in it.
	Family, Type, Protocol int
	// Host is numeric, or the path of a Unix socket; "" for any other family.
	Host string
	// Port is 0 for a Unix socket.
	Port uint16
	// FlowInfo and ScopeID are those of IPv6.
	FlowInfo, ScopeID uint32
	// Raw is the struct sockaddr.
	Raw []byte
}

// OnOpenSocket calls a function for each socket that is needed, which returns its descriptor or [SocketDefault]; an error refuses the
// address, and libcurl tries the next one. nil unsets.
func (e *Easy) OnOpenSocket(function func(purpose SocketPurpose, address Address) (fd int, err error)) error {
	return e.on(CallbackOpenSocket, function, function == nil, 0)
}

// OnCloseSocket calls a function for each socket that is to be closed, which must close it; nil unsets. Connections that others share can
// outlive the handle, and the function with them: a panic then ends the program.
func (e *Easy) OnCloseSocket(function func(fd int)) error {
	return e.on(CallbackCloseSocket, function, function == nil, 0)
}

// OnSockopt calls a function for each socket that was opened, before it is connected; it says whether the socket is connected already, so
// that libcurl need not. nil unsets.
func (e *Easy) OnSockopt(function func(fd int, purpose SocketPurpose) (connected bool, err error)) error {
	return e.on(CallbackSockopt, function, function == nil, 0)
}

//export curlbackGoOpenSocket
func curlbackGoOpenSocket(easy *C.curlback_easy, purpose C.int32_t, at *C.curlback_address, user C.uintptr_t) C.curlback_socket {
	return run(easy, user, C.CURLBACK_SOCKET_BAD, func(function func(SocketPurpose, Address) (int, error)) (C.curlback_socket, error) {
		fd, err := function(SocketPurpose(purpose), Address{
			Family:   int(at.family),
			Type:     int(at.socktype),
			Protocol: int(at.protocol),
			Host:     C.GoStringN(at.host, C.int(at.host_len)),
			Port:     uint16(at.port),
			FlowInfo: uint32(at.flow_info),
			ScopeID:  uint32(at.scope_id),
			Raw:      C.GoBytes(at.sockaddr, C.int(at.sockaddr_len)),
		})
		return C.curlback_socket(fd), err
	})
}

//export curlbackGoCloseSocket
func curlbackGoCloseSocket(easy *C.curlback_easy, fd C.curlback_socket, user C.uintptr_t) C.int32_t {
	return run(easy, user, 1, func(function func(int)) (C.int32_t, error) {
		function(int(fd))
		return 0, nil
	})
}

//export curlbackGoSockopt
func curlbackGoSockopt(easy *C.curlback_easy, fd C.curlback_socket, purpose C.int32_t, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_SOCKOPT_ERROR, func(function func(int, SocketPurpose) (bool, error)) (C.int32_t, error) {
		connected, err := function(int(fd), SocketPurpose(purpose))
		if connected {
			return C.CURLBACK_SOCKOPT_ALREADY_CONNECTED, err
		}
		return C.CURLBACK_SOCKOPT_OK, err
	})
}
