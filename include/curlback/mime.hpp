/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/**
 * @file mime.hpp
 * A part of curlback.hpp: bodies in parts.
 */
#ifndef CURLBACK_MIME_HPP
#define CURLBACK_MIME_HPP

#include "easy.hpp"

namespace curlback {

class mime;

namespace detail {

/** The two callables of a part. */
template <class Read, class Seek> struct source {
  Read read;
  Seek seek;
};

template <class Read, class Seek>
std::int64_t on_mime_read(curlback_easy *easy, std::uint8_t *buffer, std::size_t capacity,
                          void *user_data) noexcept {
  return on_read<Read>(easy, buffer, capacity, &static_cast<source<Read, Seek> *>(user_data)->read);
}

template <class Read, class Seek>
std::int32_t on_mime_seek(curlback_easy *easy, std::int64_t offset, std::int32_t origin,
                          void *user_data) noexcept {
  return on_seek<Seek>(easy, offset, origin, &static_cast<source<Read, Seek> *>(user_data)->seek);
}

} // namespace detail

/** A part, which belongs to its mime. */
class mime_part {
public:
  /** Refers to a part, and owns nothing. */
  explicit mime_part(curlback_mime_part *handle) noexcept : handle_(handle) {}

  /** The handle, for the functions of curlback.h. */
  curlback_mime_part *get() const noexcept {
    return handle_;
  }
  /** curlback_mime_part_name(). */
  mime_part &name(std::string_view name) {
    return checked(curlback_mime_part_name(handle_, detail::c_string(name).c_str()));
  }
  /** curlback_mime_part_filename(). */
  mime_part &filename(std::string_view filename) {
    return checked(curlback_mime_part_filename(handle_, detail::c_string(filename).c_str()));
  }
  /** curlback_mime_part_type(). */
  mime_part &type(std::string_view mime_type) {
    return checked(curlback_mime_part_type(handle_, detail::c_string(mime_type).c_str()));
  }
  /** curlback_mime_part_encoder(). */
  mime_part &encoder(std::string_view encoding) {
    return checked(curlback_mime_part_encoder(handle_, detail::c_string(encoding).c_str()));
  }
  /** curlback_mime_part_headers(). */
  mime_part &headers(const std::vector<std::string> &items) {
    const auto pointers = detail::c_strings(items);
    return checked(curlback_mime_part_headers(handle_, pointers.data(), pointers.size()));
  }
  /** curlback_mime_part_data(). */
  mime_part &data(std::string_view data) {
    // A view of nothing may be NULL, which would leave the part without content.
    const char *bytes = data.empty() ? "" : data.data();
    return checked(curlback_mime_part_data(handle_, bytes, data.size()));
  }
  /** curlback_mime_part_file(). */
  mime_part &file(std::string_view path) {
    return checked(curlback_mime_part_file(handle_, detail::c_string(path).c_str()));
  }
  /** Takes the mime over. */
  inline mime_part &subparts(mime &&subparts);
  /**
   * read: (char *buffer, std::size_t capacity), returns how much it filled. seek: (std::int64_t
   * offset, std::int32_t origin), or nullptr. size: -1 where it is not known.
   */
  template <class Read, class Seek = std::nullptr_t>
  mime_part &callbacks(std::int64_t size, Read &&read, Seek &&seek = nullptr) {
    using R = std::decay_t<Read>;
    using S = std::decay_t<Seek>;
    const auto set = [size](curlback_mime_part *handle, curlback_mime_read_cb on_read,
                            void *user_data, curlback_drop_cb drop) {
      const curlback_mime_seek_cb on_seek =
          std::is_same_v<S, std::nullptr_t> ? nullptr : detail::on_mime_seek<R, S>;
      return curlback_mime_part_callbacks(handle, size, on_read, on_seek, user_data, drop);
    };
    detail::install(set, handle_, detail::on_mime_read<R, S>,
                    detail::source<R, S>{std::forward<Read>(read), std::forward<Seek>(seek)});
    return *this;
  }

private:
  mime_part &checked(curlback_result result) {
    detail::check(result);
    return *this;
  }
  curlback_mime_part *handle_;
};

/** A body in parts that closes itself; a handle that has it set keeps what it stands for. */
class mime {
public:
  /** curlback_mime_new(). */
  explicit mime(easy_ref easy) : handle_(curlback_mime_new(easy.get())) {
    if (handle_ == nullptr) {
      throw error(CURLBACK_E_HANDLE, curlback_last_error());
    }
  }
  /** Moves: the other has no handle any more. */
  mime(mime &&other) noexcept : handle_(other.give_up()) {}
  /** Moves, and releases the handle that was there. */
  mime &operator=(mime &&other) noexcept {
    if (this != &other) {
      curlback_mime_release(handle_);
      handle_ = other.give_up();
    }
    return *this;
  }
  mime(const mime &) = delete;
  mime &operator=(const mime &) = delete;
  /** curlback_mime_release(). */
  ~mime() {
    curlback_mime_release(handle_);
  }

  /** The handle, for the functions of curlback.h. */
  curlback_mime *get() const noexcept {
    return handle_;
  }
  /** curlback_mime_add(). */
  mime_part add() {
    curlback_mime_part *part = curlback_mime_add(handle_);
    if (part == nullptr) {
      throw error(CURLBACK_E_BUSY, curlback_last_error());
    }
    return mime_part(part);
  }
  /** Closes it now, and throws where it cannot be closed. */
  void close() {
    detail::check(curlback_mime_close(handle_));
    handle_ = nullptr;
  }
  /** Leaves the handle to the caller, who has to close it. */
  curlback_mime *give_up() noexcept {
    return std::exchange(handle_, nullptr);
  }

private:
  curlback_mime *handle_;
};

inline mime_part &mime_part::subparts(mime &&subparts) {
  detail::check(curlback_mime_part_subparts(handle_, subparts.get()));
  subparts.give_up();
  return *this;
}

/** What easy_ref::set_mime() does. */
inline void easy_ref::set_mime(const mime &body) {
  detail::check(curlback_easy_set_mime(handle_, body.get()));
}

} // namespace curlback

#endif /* CURLBACK_MIME_HPP */
