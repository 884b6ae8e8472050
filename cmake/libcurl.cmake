# Which libcurl is linked: CURLBACK_LIBCURL is system, bundled or full.

set(oldest_libcurl 7.88)

find_program(PKG_CONFIG_EXECUTABLE NAMES pkgconf pkg-config DOC "pkg-config")
# What pkg-config says of the system's libcurl; empty where there is none. curl-sys asks it too.
function(curlback_ask_pkg_config variable)
  set(answer "")
  if(PKG_CONFIG_EXECUTABLE)
    execute_process(
      COMMAND "${PKG_CONFIG_EXECUTABLE}" ${ARGN} libcurl
      OUTPUT_VARIABLE answer
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  set(${variable} "${answer}" PARENT_SCOPE)
endfunction()

curlback_ask_pkg_config(system_libcurl --modversion)
if(system_libcurl)
  set(default system)
else()
  set(default bundled)
endif()
set(CURLBACK_LIBCURL ${default} CACHE STRING "Which libcurl is linked: system, bundled or full")
set_property(CACHE CURLBACK_LIBCURL PROPERTY STRINGS system bundled full)

set(others "or build another one in with -DCURLBACK_LIBCURL=bundled or -DCURLBACK_LIBCURL=full (see docs/linking.md)")
if(NOT CURLBACK_LIBCURL MATCHES "^(system|bundled|full)$")
  message(FATAL_ERROR "curlback: CURLBACK_LIBCURL is \"${CURLBACK_LIBCURL}\": it takes system, bundled or full")
elseif(NOT PKG_CONFIG_EXECUTABLE)
  message(FATAL_ERROR "curlback: there is no pkg-config, which finds the libraries to link: install it")
elseif(CURLBACK_LIBCURL STREQUAL "system")
  if(NOT system_libcurl)
    message(FATAL_ERROR "curlback: pkg-config finds no libcurl: install its development files "
                        "(libcurl4-openssl-dev on Debian), set PKG_CONFIG_PATH, ${others}")
  elseif(system_libcurl VERSION_LESS oldest_libcurl)
    message(FATAL_ERROR "curlback: libcurl ${oldest_libcurl} or newer is needed, and pkg-config finds ${system_libcurl}: "
                        "install a newer one and set PKG_CONFIG_PATH to its lib/pkgconfig, ${others}")
  endif()
  # A prefix of its own is no place where the linker looks.
  curlback_ask_pkg_config(libcurl_dir --variable=libdir)
  message(STATUS "curlback: links the system's libcurl ${system_libcurl}")
else()
  message(STATUS "curlback: builds its ${CURLBACK_LIBCURL} libcurl in")
endif()

# What Debian calls the development files that a program needs to link the static library.
set(debian_development_system libcurl4-openssl-dev)
set(debian_development_bundled libssl-dev zlib1g-dev)
set(debian_development_full libssl-dev zlib1g-dev libbrotli-dev libidn2-dev libnghttp2-dev libpsl-dev libzstd-dev)
list(JOIN debian_development_${CURLBACK_LIBCURL} ", " debian_development)
