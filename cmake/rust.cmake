# Finds Cargo, new enough for this source.

find_program(CURLBACK_CARGO cargo HINTS "$ENV{HOME}/.cargo/bin" DOC "Rust's package manager")
find_program(CURLBACK_RUSTC rustc HINTS "$ENV{HOME}/.cargo/bin" DOC "Rust's compiler")
if(NOT CURLBACK_CARGO OR NOT CURLBACK_RUSTC)
  message(FATAL_ERROR "curlback is built with Rust ${rust_version} or newer, and there is no cargo and rustc: "
                      "install it from https://rustup.rs, or set CURLBACK_CARGO and CURLBACK_RUSTC to their paths")
endif()

# Asked for in the source directory: a rust-toolchain file or rustup's settings for it decide which one runs.
execute_process(
  COMMAND "${CURLBACK_RUSTC}" --version
  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
  OUTPUT_VARIABLE found_rust
  RESULT_VARIABLE failed)
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" found_rust "${found_rust}")
if(failed OR found_rust VERSION_LESS rust_version)
  message(FATAL_ERROR "curlback is built with Rust ${rust_version} or newer, and ${CURLBACK_RUSTC} is ${found_rust}: "
                      "run `rustup update`, or install a newer one from https://rustup.rs")
endif()
