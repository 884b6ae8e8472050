"""The header by cffi: transfer.py PREPROCESSED LIBRARY URL"""

import sys

import cffi

preprocessed, library, url = sys.argv[1:]
ffi = cffi.FFI()
with open(preprocessed, encoding="utf-8") as header:
    ffi.cdef(header.read())
lib = ffi.dlopen(library)


@ffi.callback("curlback_write_cb")
def write(easy, data, length, user_data):
    ffi.from_handle(user_data).extend(ffi.buffer(data, length))
    return lib.CURLBACK_ALL


@ffi.callback("curlback_drop_cb")
def drop(user_data):
    print(ffi.from_handle(user_data).decode(), end="")
    print("dropped")


def check(result):
    if result != lib.CURLBACK_OK:
        sys.exit(ffi.string(lib.curlback_last_error()).decode())


text = bytearray()
handle = ffi.new_handle(text)
easy = lib.curlback_easy_new()
check(lib.curlback_easy_set_str(easy, lib.CURLBACK_OPT_URL, url.encode()))
check(lib.curlback_easy_on_write(easy, write, handle, drop))
check(lib.curlback_easy_perform(easy))
check(lib.curlback_easy_close(easy))
