/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/**
 * @file error.hpp
 * A part of curlback.hpp: how failures become exceptions, and strings cross between C and C++.
 */
#ifndef CURLBACK_ERROR_HPP
#define CURLBACK_ERROR_HPP

#if __cplusplus < 201703L && (!defined(_MSVC_LANG) || _MSVC_LANG < 201703L)
#error "curlback.hpp needs C++17: compile with -std=c++17 or newer"
#endif

#include "../curlback.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace curlback {

/** What a function refused, or how a transfer ended. what() is a sentence on it. */
class error : public std::runtime_error {
public:
  /** Of a call that was refused. */
  error(curlback_result result, const std::string &sentence)
      : std::runtime_error(sentence.empty() ? curlback_strerror(result) : sentence),
        result_(result) {}
  /** Of a transfer: what curlback_easy_error() has on it. */
  error(const curlback_error &record, curlback_result result, const std::string &sentence)
      : error(result, sentence) {
    curl_code_ = record.curl_code;
    callback_ = record.callback;
    code_ = record.code;
    message_ = record.message;
  }

  /** One of CURLBACK_E_, or libcurl's code. */
  curlback_result result() const noexcept {
    return result_;
  }
  /** The name of the result. */
  const char *name() const noexcept {
    return curlback_result_name(result_);
  }
  /** Of a transfer: libcurl's own code. Else 0. */
  curlback_result curl_code() const noexcept {
    return curl_code_;
  }
  /** Of a transfer: the callback that ended it, one of CURLBACK_CALLBACK_. Else 0. */
  std::int32_t callback() const noexcept {
    return callback_;
  }
  /** Of a transfer: the number and the message that a callback raised. Else 0 and "". */
  std::int32_t code() const noexcept {
    return code_;
  }
  /** See code(). */
  const std::string &message() const noexcept {
    return message_;
  }

private:
  curlback_result result_;
  curlback_result curl_code_ = CURLBACK_OK;
  std::int32_t callback_ = CURLBACK_CALLBACK_NONE;
  std::int32_t code_ = 0;
  std::string message_;
};

namespace detail {

inline void check(curlback_result result) {
  if (result != CURLBACK_OK) {
    throw error(result, curlback_last_error());
  }
}

/** What C gets: a string that ends with NUL, and has none inside. */
inline std::string c_string(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    throw error(CURLBACK_E_RANGE, "a string has a NUL inside");
  }
  return std::string(text);
}

/** Good for as long as the items. */
inline std::vector<const char *> c_strings(const std::vector<std::string> &items) {
  std::vector<const char *> pointers;
  for (const std::string &item : items) {
    if (item.find('\0') != std::string::npos) {
      throw error(CURLBACK_E_RANGE, "a string has a NUL inside");
    }
    pointers.push_back(item.c_str());
  }
  return pointers;
}

inline std::string_view view(const std::uint8_t *data, std::size_t len) noexcept {
  return {reinterpret_cast<const char *>(data), len};
}

/** Of a string that may be NULL. */
inline std::string_view view(const char *text) noexcept {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

/** Copies the list, and frees it. */
inline std::vector<std::string> strings(curlback_list *list) {
  const std::unique_ptr<curlback_list, void (*)(curlback_list *)> owner(list, curlback_list_free);
  std::vector<std::string> items;
  const std::size_t count = curlback_list_len(list);
  for (std::size_t index = 0; index < count; ++index) {
    items.emplace_back(curlback_list_get(list, index));
  }
  return items;
}

} // namespace detail
} // namespace curlback

#endif /* CURLBACK_ERROR_HPP */
