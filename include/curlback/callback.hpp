/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/**
 * @file callback.hpp
 * A part of curlback.hpp: what C calls, and how it gets from there to the application's callable
 * and exceptions get past C.
 */
#ifndef CURLBACK_CALLBACK_HPP
#define CURLBACK_CALLBACK_HPP

#include "error.hpp"

#include <exception>
#include <functional>
#include <new>
#include <type_traits>
#include <utility>

namespace curlback {

class easy_ref;
class multi_ref;

/** What on_trailer is given. */
class trailers {
public:
  /** Wraps what the callback was given. */
  explicit trailers(curlback_trailers *handle) noexcept : handle_(handle) {}
  /** Adds one "Name: value". */
  void add(std::string_view header) {
    detail::check(curlback_trailers_add(handle_, detail::c_string(header).c_str()));
  }

private:
  curlback_trailers *handle_;
};

/** What on_hsts_read is given. */
class hsts_slot {
public:
  /** Wraps what the callback was given. */
  explicit hsts_slot(curlback_hsts_slot *handle) noexcept : handle_(handle) {}
  /** expire: seconds since 1970, UTC; INT64_MAX: never. */
  void fill(std::string_view host, std::int64_t expire, bool include_subdomains) {
    detail::check(
        curlback_hsts_fill(handle_, host.data(), host.size(), expire, include_subdomains));
  }

private:
  curlback_hsts_slot *handle_;
};

namespace detail {

/** What exceptions are raised with, so that their payloads are told from others. */
constexpr std::int32_t exception_code = 0x432b2b45;

template <class T> void drop(void *user_data) noexcept {
  delete static_cast<T *>(user_data);
}

/** What each kind of handle has. */
template <class Handle> struct kind;
template <> struct kind<curlback_easy> {
  using ref = easy_ref;
  static constexpr auto raise = curlback_easy_raise;
  static constexpr auto error = curlback_easy_error;
  static constexpr auto take_payload = curlback_easy_take_payload;
  static bool stays(const curlback_error &) noexcept {
    return false;
  }
};
template <> struct kind<curlback_multi> {
  using ref = multi_ref;
  static constexpr auto raise = curlback_multi_raise;
  static constexpr auto error = curlback_multi_error;
  static constexpr auto take_payload = curlback_multi_take_payload;
  /** An easy handle's own: on_done is still to be told. */
  static bool stays(const curlback_error &record) noexcept {
    return record.easy != nullptr;
  }
};

/** Hands the exception that is being caught to the library, which ends the transfer. */
template <class Handle> void raise_caught(Handle *handle) noexcept {
  auto *payload = new (std::nothrow) std::exception_ptr(std::current_exception());
  const auto raise = [&](const char *message) {
    if (kind<Handle>::raise(handle, CURLBACK_RAISE_INTERRUPT, exception_code, message, payload,
                            drop<std::exception_ptr>) != CURLBACK_OK) {
      delete payload;
    }
  };
  try {
    throw;
  } catch (const std::exception &caught) {
    raise(caught.what());
  } catch (...) {
    raise("an exception that is no std::exception");
  }
}

/** The exception that a record is about, and keeps; empty where it is about none. */
inline std::exception_ptr thrown(const curlback_error &record) noexcept {
  const bool raised = record.severity == CURLBACK_RAISE_INTERRUPT && record.code == exception_code;
  return raised && record.payload != nullptr ? *static_cast<std::exception_ptr *>(record.payload)
                                             : nullptr;
}

/** After what runs callbacks: throws the exception of one, or else an error. */
template <class Handle> void check_run(Handle *handle, curlback_result result) {
  if (result == CURLBACK_OK) {
    return;
  }
  // The next call may replace it.
  const std::string sentence = curlback_last_error();
  curlback_error record = {};
  const bool has_record = kind<Handle>::error(handle, &record) == CURLBACK_OK;
  // A call that was refused has none of its own: this is an earlier one's.
  if (!has_record || (record.result != result && result != CURLBACK_E_RAISED)) {
    throw error(result, sentence);
  }
  if (const std::exception_ptr exception = thrown(record)) {
    if (!kind<Handle>::stays(record)) {
      delete static_cast<std::exception_ptr *>(kind<Handle>::take_payload(handle));
    }
    std::rethrow_exception(exception);
  }
  throw error(record, result, sentence);
}

/**
 * Gives `set`, one of the library's functions or what calls one, the callable; it is the library's
 * from then on.
 */
template <class F, class Handle, class Set, class Trampoline>
void install(Set set, Handle *handle, Trampoline trampoline, F &&function) {
  using T = std::decay_t<F>;
  if constexpr (std::is_same_v<T, std::nullptr_t>) {
    check(set(handle, nullptr, nullptr, nullptr));
  } else {
    auto owner = std::make_unique<T>(std::forward<F>(function));
    check(set(handle, trampoline, owner.get(), drop<T>));
    owner.release();
  }
}

template <class F, class Ref, class... Arguments>
decltype(auto) invoke(F &function, Ref handle, Arguments &&...arguments) {
  if constexpr (std::is_invocable_v<F &, Arguments...>) {
    return std::invoke(function, std::forward<Arguments>(arguments)...);
  } else {
    static_assert(std::is_invocable_v<F &, Ref, Arguments...>,
                  "the callback takes other arguments than this on_... gives");
    return std::invoke(function, handle, std::forward<Arguments>(arguments)...);
  }
}

/** In the place of what a callback returns that returns nothing: this one has to say something. */
struct must_return {};

/** Calls the callable behind `user_data` and makes one number of what comes of it. */
template <class F, class Handle, class Success, class Return, class... Arguments>
Return call(Handle *handle, void *user_data, Success success, Return failure,
            Arguments &&...arguments) noexcept {
  using Ref = typename kind<Handle>::ref;
  if constexpr (std::is_same_v<F, std::nullptr_t>) {
    return failure;
  } else {
    try {
      F &function = *static_cast<F *>(user_data);
      using Result = std::decay_t<decltype(invoke(function, Ref(handle),
                                                  std::forward<Arguments>(arguments)...))>;
      if constexpr (std::is_void_v<Result>) {
        static_assert(!std::is_same_v<Success, must_return>,
                      "this callback has to return a count, a socket or a CURLBACK_ constant");
        invoke(function, Ref(handle), std::forward<Arguments>(arguments)...);
        return static_cast<Return>(success);
      } else {
        static_assert(
            (std::is_integral_v<Result> || std::is_enum_v<Result>)&&!std::is_same_v<Result, bool>,
            "a callback returns nothing, a count or a CURLBACK_ constant");
        return static_cast<Return>(
            invoke(function, Ref(handle), std::forward<Arguments>(arguments)...));
      }
    } catch (...) {
      raise_caught(handle);
      return failure;
    }
  }
}

/** Where 0 is success and 1 fails the transfer: what most callbacks return. */
template <class F, class... Arguments>
std::int32_t call_checked(curlback_easy *easy, void *user_data, Arguments &&...arguments) noexcept {
  return call<F>(easy, user_data, 0, std::int32_t{1}, std::forward<Arguments>(arguments)...);
}

template <class F>
std::int64_t on_data(curlback_easy *easy, const std::uint8_t *data, std::size_t len,
                     void *user_data) noexcept {
  return call<F>(easy, user_data, CURLBACK_ALL, std::int64_t{CURLBACK_ABORT}, view(data, len));
}

template <class F>
std::int64_t on_read(curlback_easy *easy, std::uint8_t *buffer, std::size_t capacity,
                     void *user_data) noexcept {
  return call<F>(easy, user_data, must_return(), std::int64_t{CURLBACK_ABORT},
                 reinterpret_cast<char *>(buffer), capacity);
}

template <class F>
std::int32_t on_seek(curlback_easy *easy, std::int64_t offset, std::int32_t origin,
                     void *user_data) noexcept {
  return call_checked<F>(easy, user_data, offset, origin);
}

template <class F>
std::int32_t on_ioctl(curlback_easy *easy, std::int32_t command, void *user_data) noexcept {
  return call_checked<F>(easy, user_data, command);
}

template <class F>
void on_debug(curlback_easy *easy, std::int32_t kind, const std::uint8_t *data, std::size_t len,
              void *user_data) noexcept {
  call_checked<F>(easy, user_data, kind, view(data, len));
}

/** on_progress and on_xferinfo, with numbers of either kind. */
template <class F, class Number>
std::int32_t on_progress(curlback_easy *easy, Number download_total, Number download_now,
                         Number upload_total, Number upload_now, void *user_data) noexcept {
  return call_checked<F>(easy, user_data, download_total, download_now, upload_total, upload_now);
}

template <class F>
curlback_socket on_open_socket(curlback_easy *easy, std::int32_t purpose,
                               const curlback_address *address, void *user_data) noexcept {
  return call<F>(easy, user_data, must_return(), curlback_socket{CURLBACK_SOCKET_BAD}, purpose,
                 *address);
}

template <class F>
std::int32_t on_close_socket(curlback_easy *easy, curlback_socket socket,
                             void *user_data) noexcept {
  return call_checked<F>(easy, user_data, socket);
}

template <class F>
std::int32_t on_sockopt(curlback_easy *easy, curlback_socket socket, std::int32_t purpose,
                        void *user_data) noexcept {
  return call_checked<F>(easy, user_data, socket, purpose);
}

template <class F>
std::int32_t on_ssh_key(curlback_easy *easy, const curlback_ssh_key *known,
                        const curlback_ssh_key *found, std::int32_t match,
                        void *user_data) noexcept {
  return call<F>(easy, user_data, must_return(), std::int32_t{CURLBACK_SSH_REJECT}, known, *found,
                 match);
}

template <class F>
std::int32_t on_ssh_host_key(curlback_easy *easy, const curlback_ssh_key *found,
                             void *user_data) noexcept {
  return call<F>(easy, user_data, must_return(), std::int32_t{CURLBACK_SSH_REJECT}, *found);
}

template <class F>
std::int32_t on_prereq(curlback_easy *easy, const char *primary_ip, const char *local_ip,
                       std::int32_t primary_port, std::int32_t local_port,
                       void *user_data) noexcept {
  return call_checked<F>(easy, user_data, view(primary_ip), view(local_ip), primary_port,
                         local_port);
}

template <class F>
std::int32_t on_trailer(curlback_easy *easy, curlback_trailers *handle, void *user_data) noexcept {
  return call_checked<F>(easy, user_data, trailers(handle));
}

template <class F> std::int32_t on_resolver_start(curlback_easy *easy, void *user_data) noexcept {
  return call_checked<F>(easy, user_data);
}

template <class F>
std::int32_t on_fnmatch(curlback_easy *easy, const char *pattern, const char *string,
                        void *user_data) noexcept {
  return call<F>(easy, user_data, must_return(), std::int32_t{CURLBACK_FNMATCH_FAIL}, pattern,
                 string);
}

template <class F>
std::int32_t on_chunk_begin(curlback_easy *easy, const curlback_file_info *file,
                            std::int32_t remaining, void *user_data) noexcept {
  return call_checked<F>(easy, user_data, *file, remaining);
}

template <class F> std::int32_t on_chunk_end(curlback_easy *easy, void *user_data) noexcept {
  return call_checked<F>(easy, user_data);
}

template <class F>
std::int32_t on_ssl_ctx(curlback_easy *easy, void *ssl_ctx, void *user_data) noexcept {
  return call<F>(easy, user_data, 0, std::int32_t{35 /* SSL_CONNECT_ERROR */}, ssl_ctx);
}

template <class F>
std::int32_t on_hsts_read(curlback_easy *easy, curlback_hsts_slot *slot, void *user_data) noexcept {
  return call<F>(easy, user_data, must_return(), std::int32_t{CURLBACK_HSTS_FAIL}, hsts_slot(slot));
}

template <class F>
std::int32_t on_hsts_write(curlback_easy *easy, const curlback_hsts_entry *entry, std::size_t index,
                           std::size_t total, void *user_data) noexcept {
  return call<F>(easy, user_data, CURLBACK_HSTS_OK, std::int32_t{CURLBACK_HSTS_FAIL}, *entry, index,
                 total);
}

/** 1 ends the transfer. */
template <class F>
std::int32_t on_ws_message(curlback_easy *easy, std::int32_t flags, const std::uint8_t *data,
                           std::size_t len, void *user_data) noexcept {
  return call_checked<F>(easy, user_data, flags, view(data, len));
}

} // namespace detail
} // namespace curlback

#endif /* CURLBACK_CALLBACK_HPP */
