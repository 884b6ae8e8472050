# Run at build time: has Cargo build the library, and stages what a program links below STAGE.

set(environment "CURLBACK_LIBCURL=${WAY}" "CARGO_TARGET_DIR=${TARGET}/${WAY}")
set(arguments --lib --package curlback --no-default-features --locked)
if(WAY STREQUAL "bundled")
  list(APPEND arguments --features bundled)
elseif(WAY STREQUAL "full")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env "CARGO_TARGET_DIR=${TARGET}" "${CARGO}" run --quiet --locked --package xtask -- libcurl
    WORKING_DIRECTORY "${SOURCE}"
    OUTPUT_VARIABLE full
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(path "${full}/lib/pkgconfig")
  if(NOT "$ENV{PKG_CONFIG_PATH}" STREQUAL "")
    string(APPEND path ":$ENV{PKG_CONFIG_PATH}")
  endif()
  list(APPEND environment "PKG_CONFIG_PATH=${path}")
endif()

if(CONFIG STREQUAL "Debug")
  set(profile debug)
else()
  set(profile release)
  list(APPEND arguments --release)
  if(NOT CONFIG STREQUAL "RelWithDebInfo")
    list(APPEND environment CARGO_PROFILE_RELEASE_DEBUG=false CARGO_PROFILE_RELEASE_STRIP=symbols)
  endif()
endif()

# Builds one kind of library. `said` gets what the compiler says.
function(build kind said)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env ${environment} "${CARGO}" rustc ${arguments} --crate-type ${kind} ${ARGN}
    WORKING_DIRECTORY "${SOURCE}"
    ERROR_VARIABLE stderr ECHO_ERROR_VARIABLE COMMAND_ERROR_IS_FATAL ANY)
  set(${said} "${stderr}" PARENT_SCOPE)
endfunction()

# The words after `native-static-libs:`; of several the last, as linkers read.
function(native_libraries said variable)
  string(REGEX MATCH "native-static-libs: ([^\n]*)" found "${said}")
  separate_arguments(words UNIX_COMMAND "${CMAKE_MATCH_1}")
  list(REVERSE words)
  list(REMOVE_DUPLICATES words)
  list(REVERSE words)
  set(${variable} "${words}" PARENT_SCOPE)
endfunction()

function(write_if_changed file text)
  if(EXISTS "${file}")
    file(READ "${file}" old)
    if(old STREQUAL text)
      return()
    endif()
  endif()
  file(WRITE "${file}" "${text}")
endfunction()

set(built "${TARGET}/${WAY}/${profile}")
file(MAKE_DIRECTORY "${STAGE}")
if(SHARED)
  build(cdylib said)
  file(COPY_FILE "${built}/${SHARED_NAME}" "${STAGE}/${SHARED_NAME}.${VERSION}" ONLY_IF_DIFFERENT)
  file(CREATE_LINK "${SHARED_NAME}.${VERSION}" "${STAGE}/${SONAME}" SYMBOLIC)
  file(CREATE_LINK "${SONAME}" "${STAGE}/${SHARED_NAME}" SYMBOLIC)
endif()

set(needed "")
set(runtime "")
if(STATIC)
  # What only this build has goes into the archive: a program that links it then needs nothing of this machine's. rustc
  # puts it there, because others' tools for archives do not understand each of its objects.
  set(own "")
  set(bundle "")
  if(full)
    file(GLOB archives "${full}/lib/*.a")
    list(APPEND bundle -L "native=${full}/lib")
    foreach(archive IN LISTS archives)
      string(REGEX REPLACE "^.*/lib(.*)\\.a$" "\\1" name "${archive}")
      list(APPEND own "-l${name}")
      list(APPEND bundle -l "static=${name}")
    endforeach()
  endif()
  build(staticlib said -- ${bundle} --print native-static-libs)
  native_libraries("${said}" needed)
  list(REMOVE_ITEM needed ${own})

  # Rust's runtime needs some of them: those are there wherever a C compiler is.
  file(WRITE "${STAGE}/empty.rs" "")
  execute_process(
    COMMAND "${RUSTC}" --crate-type staticlib --print native-static-libs -o "${STAGE}/empty.a" "${STAGE}/empty.rs"
    WORKING_DIRECTORY "${SOURCE}"
    ERROR_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
  file(REMOVE "${STAGE}/empty.rs" "${STAGE}/empty.a")
  native_libraries("${said}" runtime)
  list(REMOVE_ITEM needed ${runtime})

  file(COPY_FILE "${built}/${STATIC_NAME}" "${STAGE}/${STATIC_NAME}" ONLY_IF_DIFFERENT)
  list(JOIN needed " " needed_line)
  list(JOIN runtime " " runtime_line)
  write_if_changed("${STAGE}/static-libs" "${needed_line} ${runtime_line}\n")
  string(REPLACE "-l" "" needed_names "${needed_line}")
  write_if_changed(
    "${STAGE}/curlbackStatic.cmake"
    "# What programs that link the static library link too: libraries to find, and Rust's runtime's.
set(curlback_static_needs ${needed_names})
set(curlback_static_runtime ${runtime_line})
")
endif()

if(PC)
  list(JOIN needed " " LIBS_PRIVATE)
  list(JOIN runtime " " runtime_line)
  string(APPEND LIBS_PRIVATE " ${runtime_line}")
  configure_file("${PC}" "${STAGE}/curlback.pc" @ONLY)
endif()
