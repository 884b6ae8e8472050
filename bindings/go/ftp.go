package curlback

// #include "bridge.h"
import "C"

// FileType is what sort of file it is.
type FileType int32

// The sorts of files.
const (
	FileRegular     FileType = C.CURLBACK_FILE_REGULAR
	FileDirectory   FileType = C.CURLBACK_FILE_DIRECTORY
	FileSymlink     FileType = C.CURLBACK_FILE_SYMLINK
	FileBlockDevice FileType = C.CURLBACK_FILE_BLOCK_DEVICE
	FileCharDevice  FileType = C.CURLBACK_FILE_CHAR_DEVICE
	FilePipe        FileType = C.CURLBACK_FILE_PIPE
	FileSocket      FileType = C.CURLBACK_FILE_SOCKET
	FileDoor        FileType = C.CURLBACK_FILE_DOOR
	FileUnknown     FileType = C.CURLBACK_FILE_UNKNOWN
)

// FileInfo is what an FTP server's listing says of a file. A number that is not known is -1, a text that is not known "".
type FileInfo struct {
	Name                    string
	Type                    FileType
	Size, Permissions       int64
	UID, GID, HardLinks     int64
	Time, PermissionsText   string
	User, Group, LinkTarget string
}

// OnFnmatch calls a function to say which files of a directory the pattern of an ftp:// URL takes. It needs OPT_WILDCARDMATCH. nil unsets.
func (e *Easy) OnFnmatch(function func(pattern, name string) (bool, error)) error {
	return e.on(CallbackFnmatch, function, function == nil, 0)
}

// OnChunkBegin calls a function before each file that an FTP download by wildcard takes, which says whether to skip it; remaining of them
// are left, this one included. It needs OPT_WILDCARDMATCH. nil unsets.
func (e *Easy) OnChunkBegin(function func(file FileInfo, remaining int) (skip bool, err error)) error {
	return e.on(CallbackChunkBegin, function, function == nil, 0)
}

// OnChunkEnd calls a function after each file that an FTP download by wildcard takes; nil unsets.
func (e *Easy) OnChunkEnd(function func() error) error {
	return e.on(CallbackChunkEnd, function, function == nil, 0)
}

//export curlbackGoFnmatch
func curlbackGoFnmatch(easy *C.curlback_easy, pattern, name *C.char, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_FNMATCH_FAIL, func(function func(pattern, name string) (bool, error)) (C.int32_t, error) {
		matches, err := function(C.GoString(pattern), C.GoString(name))
		if matches {
			return C.CURLBACK_FNMATCH_MATCH, err
		}
		return C.CURLBACK_FNMATCH_NOMATCH, err
	})
}

//export curlbackGoChunkBegin
func curlbackGoChunkBegin(easy *C.curlback_easy, file *C.curlback_file_info, remaining C.int32_t, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_CHUNK_FAIL, func(function func(FileInfo, int) (bool, error)) (C.int32_t, error) {
		skip, err := function(FileInfo{
			Name:            C.GoString(file.name),
			Type:            FileType(file._type),
			Size:            int64(file.size),
			Permissions:     int64(file.permissions),
			UID:             int64(file.uid),
			GID:             int64(file.gid),
			HardLinks:       int64(file.hard_links),
			Time:            C.GoString(file.time_text),
			PermissionsText: C.GoString(file.permissions_text),
			User:            C.GoString(file.user),
			Group:           C.GoString(file.group),
			LinkTarget:      C.GoString(file.link_target),
		}, int(remaining))
		if skip {
			return C.CURLBACK_CHUNK_SKIP, err
		}
		return C.CURLBACK_CHUNK_OK, err
	})
}

//export curlbackGoChunkEnd
func curlbackGoChunkEnd(easy *C.curlback_easy, user C.uintptr_t) C.int32_t {
	return run(easy, user, C.CURLBACK_CHUNK_FAIL, func(function func() error) (C.int32_t, error) {
		return C.CURLBACK_CHUNK_OK, function()
	})
}
