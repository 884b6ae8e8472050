-- The header by ffi.cdef: transfer.lua PREPROCESSED LIBRARY URL
local ffi = require("ffi")

local preprocessed, library, url = ...
-- The one type of the system's that LuaJIT does not know.
ffi.cdef("typedef struct FILE FILE;")
ffi.cdef(assert(io.open(preprocessed)):read("*a"))
local lib = ffi.load(library)

local function check(result)
  if result ~= lib.CURLBACK_OK then
    io.stderr:write(ffi.string(lib.curlback_last_error()), "\n")
    os.exit(1)
  end
end

local pieces = {}
local write = ffi.cast("curlback_write_cb", function(_, data, length)
  table.insert(pieces, ffi.string(data, length))
  return lib.CURLBACK_ALL
end)
local drop = ffi.cast("curlback_drop_cb", function()
  print("dropped")
end)

local easy = lib.curlback_easy_new()
check(lib.curlback_easy_set_str(easy, lib.CURLBACK_OPT_URL, url))
check(lib.curlback_easy_on_write(easy, write, nil, drop))
check(lib.curlback_easy_perform(easy))
io.write(table.concat(pieces))
check(lib.curlback_easy_close(easy))
