/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/**
 * @file easy.hpp
 * A part of curlback.hpp: easy handles.
 */
#ifndef CURLBACK_EASY_HPP
#define CURLBACK_EASY_HPP

#include "callback.hpp"

#include <cstdio>
#include <initializer_list>
#include <optional>

namespace curlback {

class easy;
class mime;
class share_ref;

namespace detail {

/** What set_private() keeps. */
struct kept {
  virtual ~kept() = default;
};

template <class T> struct kept_value final : kept {
  template <class V> explicit kept_value(V &&given) : value(std::forward<V>(given)) {}
  T value;
};

} // namespace detail

/**
 * An easy handle that somebody else owns: what a callback gets. It may be copied, and used after
 * the handle is gone: then its functions throw CURLBACK_E_HANDLE.
 */
class easy_ref {
public:
  /** Refers to a handle, and owns nothing. */
  explicit easy_ref(curlback_easy *handle) noexcept : handle_(handle) {}

  /** The handle, for the functions of curlback.h. */
  curlback_easy *get() const noexcept {
    return handle_;
  }
  /** curlback_easy_curl(). */
  void *curl() const noexcept {
    return curlback_easy_curl(handle_);
  }
  /** Whether both are the same handle. */
  friend bool operator==(easy_ref one, easy_ref other) noexcept {
    return one.handle_ == other.handle_;
  }
  /** Whether they are different handles. */
  friend bool operator!=(easy_ref one, easy_ref other) noexcept {
    return one.handle_ != other.handle_;
  }

  /* -------------------------------------------------------------- transfers */

  /** Throws what a callback threw, or else an error. */
  void perform() {
    detail::check_run(handle_, curlback_easy_perform(handle_));
  }
  /** curlback_easy_cancel(). */
  void cancel() {
    detail::check(curlback_easy_cancel(handle_));
  }
  /** As perform() where unpausing runs callbacks. */
  void pause(std::int32_t mask) {
    detail::check_run(handle_, curlback_easy_pause(handle_, mask));
  }
  /** For on_done: throws what perform() would have thrown for this result. */
  void check(curlback_result result) const {
    if (const std::exception_ptr thrown = result == CURLBACK_E_RAISED ? exception() : nullptr) {
      std::rethrow_exception(thrown);
    }
    detail::check_run(handle_, result);
  }
  /**
   * What a callback threw in the last transfer, until the next one; empty where none did, or where
   * perform() has thrown it.
   */
  std::exception_ptr exception() const {
    curlback_error record = {};
    detail::check(curlback_easy_error(handle_, &record));
    return detail::thrown(record);
  }
  /** curlback_easy_reset(). */
  void reset() {
    detail::check(curlback_easy_reset(handle_));
  }
  /** curlback_easy_duplicate(). */
  inline easy duplicate() const;
  /**
   * What a callback returns a failing value for, CURLBACK_RAISE_ERROR: the error that is thrown
   * then has the number and the message. To end a transfer with an exception just throw it.
   */
  void raise(std::int32_t code, std::string_view message) {
    detail::check(curlback_easy_raise(handle_, CURLBACK_RAISE_ERROR, code,
                                      detail::c_string(message).c_str(), nullptr, nullptr));
  }

  /* -------------------------------------------------------------- options */

  /** curlback_easy_set_int(). */
  template <class Number,
            std::enable_if_t<std::is_integral_v<Number> || std::is_enum_v<Number>, int> = 0>
  void set(std::int32_t option, Number value) {
    detail::check(curlback_easy_set_int(handle_, option, static_cast<std::int64_t>(value)));
  }
  /** curlback_easy_set_str(). */
  void set(std::int32_t option, const char *value) {
    detail::check(curlback_easy_set_str(handle_, option, value));
  }
  /** curlback_easy_set_str(). */
  void set(std::int32_t option, const std::string &value) {
    set(option, std::string_view(value));
  }
  /** curlback_easy_set_str(). */
  void set(std::int32_t option, std::string_view value) {
    set(option, detail::c_string(value).c_str());
  }
  /** curlback_easy_set_list(). */
  void set_list(std::int32_t option, const std::vector<std::string> &items) {
    const auto pointers = detail::c_strings(items);
    detail::check(curlback_easy_set_list(handle_, option, pointers.data(), pointers.size()));
  }
  /** curlback_easy_set_bytes(). */
  void set_bytes(std::int32_t option, std::string_view value) {
    detail::check(curlback_easy_set_bytes(handle_, option, value.data(), value.size()));
  }
  /** curlback_easy_unset(). */
  void unset(std::int32_t option) {
    detail::check(curlback_easy_unset(handle_, option));
  }

  /** Sends these parts; the mime can go, the handle keeps what it needs. nullptr detaches. */
  inline void set_mime(const mime &body);
  /** Detaches the parts. */
  void set_mime(std::nullptr_t) {
    detail::check(curlback_easy_set_mime(handle_, nullptr));
  }

  /** Uses the caches of the share in place of its own. nullptr detaches. */
  inline void set_share(const share_ref &common);
  /** Uses the caches of the handle's own again. */
  void set_share(std::nullptr_t) {
    detail::check(curlback_easy_set_share(handle_, nullptr));
  }

  /** Keeps a value with the handle, also through reset(). nullptr keeps none. */
  template <class T> void set_private(T &&value) {
    using V = std::decay_t<T>;
    if constexpr (std::is_same_v<V, std::nullptr_t>) {
      detail::check(curlback_easy_set_private(handle_, nullptr, nullptr));
    } else {
      std::unique_ptr<detail::kept> owner =
          std::make_unique<detail::kept_value<V>>(std::forward<T>(value));
      detail::check(curlback_easy_set_private(handle_, owner.get(), detail::drop<detail::kept>));
      owner.release();
    }
  }
  /** What set_private() keeps, if that is a T; else nullptr. */
  template <class T> T *get_private() const noexcept {
    auto *kept = static_cast<detail::kept *>(curlback_easy_private(handle_));
    auto *found = dynamic_cast<detail::kept_value<T> *>(kept);
    return found == nullptr ? nullptr : &found->value;
  }

  /* -------------------------------------------------------------- information */

  /** curlback_easy_get_int(). */
  std::int64_t get_int(std::int32_t info) const {
    std::int64_t value = 0;
    detail::check(curlback_easy_get_int(handle_, info, &value));
    return value;
  }
  /** curlback_easy_get_double(). */
  double get_double(std::int32_t info) const {
    double value = 0;
    detail::check(curlback_easy_get_double(handle_, info, &value));
    return value;
  }
  /** Empty where libcurl has none. */
  std::optional<std::string> get_str(std::int32_t info) const {
    const char *value = nullptr;
    detail::check(curlback_easy_get_str(handle_, info, &value));
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  }
  /** curlback_easy_get_list(). */
  std::vector<std::string> get_list(std::int32_t info) const {
    curlback_list *list = nullptr;
    detail::check(curlback_easy_get_list(handle_, info, &list));
    return detail::strings(list);
  }
  /** curlback_easy_get_cert(). */
  std::vector<std::string> get_cert(std::size_t index) const {
    curlback_list *list = nullptr;
    detail::check(curlback_easy_get_cert(handle_, index, &list));
    return detail::strings(list);
  }

  /* -------------------------------------------------------------- where data goes and comes from
   */

  /** curlback_easy_body_to_file(). */
  void body_to_file(std::FILE *file) {
    detail::check(curlback_easy_body_to_file(handle_, file));
  }
  /** curlback_easy_body_to_fd(). */
  void body_to_fd(int fd) {
    detail::check(curlback_easy_body_to_fd(handle_, fd));
  }
  /** curlback_easy_body_to_memory(). */
  void body_to_memory(std::size_t limit) {
    detail::check(curlback_easy_body_to_memory(handle_, limit));
  }
  /** curlback_easy_header_to_file(). */
  void header_to_file(std::FILE *file) {
    detail::check(curlback_easy_header_to_file(handle_, file));
  }
  /** curlback_easy_header_to_fd(). */
  void header_to_fd(int fd) {
    detail::check(curlback_easy_header_to_fd(handle_, fd));
  }
  /** curlback_easy_header_to_memory(). */
  void header_to_memory(std::size_t limit) {
    detail::check(curlback_easy_header_to_memory(handle_, limit));
  }
  /** curlback_easy_read_from_file(). */
  void read_from_file(std::FILE *file) {
    detail::check(curlback_easy_read_from_file(handle_, file));
  }
  /** curlback_easy_read_from_fd(). */
  void read_from_fd(int fd) {
    detail::check(curlback_easy_read_from_fd(handle_, fd));
  }
  /** curlback_easy_read_from_memory(): the data are copied. */
  void read_from_memory(std::string_view data) {
    // A view of nothing may be NULL, which would unset.
    detail::check(
        curlback_easy_read_from_memory(handle_, data.empty() ? "" : data.data(), data.size()));
  }
  /** curlback_easy_clear_body(). */
  void clear_body() {
    detail::check(curlback_easy_clear_body(handle_));
  }
  /** curlback_easy_clear_header(). */
  void clear_header() {
    detail::check(curlback_easy_clear_header(handle_));
  }
  /** curlback_easy_clear_source(). */
  void clear_source() {
    detail::check(curlback_easy_clear_source(handle_));
  }
  /** What the last transfer left in memory, until the next perform, reset or close. */
  std::string_view body() const {
    return collected(curlback_easy_body);
  }
  /** As body(), for what the headers left. */
  std::string_view header() const {
    return collected(curlback_easy_header);
  }

  /* -------------------------------------------------------------- callbacks */

  /** (std::string_view data). Nothing returned: all of it was taken. */
  template <class F> void on_write(F &&function) {
    install(curlback_easy_on_write, detail::on_data<std::decay_t<F>>, std::forward<F>(function));
  }
  /** How much on_write is given at a time. */
  void batch_body(std::size_t max_bytes) {
    detail::check(curlback_easy_batch_body(handle_, max_bytes));
  }
  /** (std::string_view line). */
  template <class F> void on_header(F &&function) {
    install(curlback_easy_on_header, detail::on_data<std::decay_t<F>>, std::forward<F>(function));
  }
  /** (std::string_view data). */
  template <class F> void on_interleave(F &&function) {
    install(curlback_easy_on_interleave, detail::on_data<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (char *buffer, std::size_t capacity), returns how much it filled. */
  template <class F> void on_read(F &&function) {
    install(curlback_easy_on_read, detail::on_read<std::decay_t<F>>, std::forward<F>(function));
  }
  /** (std::int64_t offset, std::int32_t origin). */
  template <class F> void on_seek(F &&function) {
    install(curlback_easy_on_seek, detail::on_seek<std::decay_t<F>>, std::forward<F>(function));
  }
  /** (std::int32_t command). */
  template <class F> void on_ioctl(F &&function) {
    install(curlback_easy_on_ioctl, detail::on_ioctl<std::decay_t<F>>, std::forward<F>(function));
  }
  /** (std::int32_t kind, std::string_view data). */
  template <class F> void on_debug(F &&function) {
    install(curlback_easy_on_debug, detail::on_debug<std::decay_t<F>>, std::forward<F>(function));
  }
  /** (double download_total, double download_now, double upload_total, double upload_now). */
  template <class F> void on_progress(F &&function) {
    install(curlback_easy_on_progress, detail::on_progress<std::decay_t<F>, double>,
            std::forward<F>(function));
  }
  /** The same with std::int64_t. */
  template <class F> void on_xferinfo(F &&function) {
    install(curlback_easy_on_xferinfo, detail::on_progress<std::decay_t<F>, std::int64_t>,
            std::forward<F>(function));
  }
  /** (std::int32_t purpose, const curlback_address &address), returns a curlback_socket. */
  template <class F> void on_open_socket(F &&function) {
    install(curlback_easy_on_open_socket, detail::on_open_socket<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (curlback_socket socket). The handle may be gone: see curlback.h. */
  template <class F> void on_close_socket(F &&function) {
    install(curlback_easy_on_close_socket, detail::on_close_socket<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (curlback_socket socket, std::int32_t purpose). */
  template <class F> void on_sockopt(F &&function) {
    install(curlback_easy_on_sockopt, detail::on_sockopt<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (const curlback_ssh_key *known, const curlback_ssh_key &found, std::int32_t match), returns a
   * verdict; known may be NULL. */
  template <class F> void on_ssh_key(F &&function) {
    install(curlback_easy_on_ssh_key, detail::on_ssh_key<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (const curlback_ssh_key &found), returns a verdict. */
  template <class F> void on_ssh_host_key(F &&function) {
    install(curlback_easy_on_ssh_host_key, detail::on_ssh_host_key<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (std::string_view primary_ip, std::string_view local_ip, std::int32_t primary_port,
   * std::int32_t local_port). */
  template <class F> void on_prereq(F &&function) {
    install(curlback_easy_on_prereq, detail::on_prereq<std::decay_t<F>>, std::forward<F>(function));
  }
  /** (curlback::trailers trailers). */
  template <class F> void on_trailer(F &&function) {
    install(curlback_easy_on_trailer, detail::on_trailer<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (). */
  template <class F> void on_resolver_start(F &&function) {
    install(curlback_easy_on_resolver_start, detail::on_resolver_start<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (const char *pattern, const char *string), returns one of CURLBACK_FNMATCH_. */
  template <class F> void on_fnmatch(F &&function) {
    install(curlback_easy_on_fnmatch, detail::on_fnmatch<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (const curlback_file_info &file, std::int32_t remaining). */
  template <class F> void on_chunk_begin(F &&function) {
    install(curlback_easy_on_chunk_begin, detail::on_chunk_begin<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (). */
  template <class F> void on_chunk_end(F &&function) {
    install(curlback_easy_on_chunk_end, detail::on_chunk_end<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (void *ssl_ctx). */
  template <class F> void on_ssl_ctx(F &&function) {
    install(curlback_easy_on_ssl_ctx, detail::on_ssl_ctx<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (curlback::hsts_slot slot), returns CURLBACK_HSTS_OK or CURLBACK_HSTS_DONE. */
  template <class F> void on_hsts_read(F &&function) {
    install(curlback_easy_on_hsts_read, detail::on_hsts_read<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (const curlback_hsts_entry &entry, std::size_t index, std::size_t total). */
  template <class F> void on_hsts_write(F &&function) {
    install(curlback_easy_on_hsts_write, detail::on_hsts_write<std::decay_t<F>>,
            std::forward<F>(function));
  }
  /** (std::int32_t flags, std::string_view message), up to `limit` bytes each. nullptr unsets. */
  template <class F> void on_ws_message(std::size_t limit, F &&function) {
    const auto set = [limit](curlback_easy *handle, curlback_ws_message_cb callback,
                             void *user_data, curlback_drop_cb drop) {
      return curlback_easy_on_ws_message(handle, limit, callback, user_data, drop);
    };
    install(set, detail::on_ws_message<std::decay_t<F>>, std::forward<F>(function));
  }

  /* -------------------------------------------------------------- WebSocket, raw connections */

  /** The frame of the chunk that the running on_write was given. */
  curlback_ws_frame ws_meta() const {
    curlback_ws_frame frame = {};
    detail::check(curlback_ws_meta(handle_, &frame));
    return frame;
  }
  /** Returns how much was sent: less than all where more would have to wait, outside callbacks. */
  std::size_t ws_send(std::string_view data, std::uint32_t flags, std::int64_t fragment_size = 0) {
    std::size_t sent = 0;
    check_again(curlback_ws_send(handle_, data.data(), data.size(), fragment_size, flags, &sent));
    return sent;
  }
  /** Empty where there is nothing yet. */
  std::optional<std::pair<std::size_t, curlback_ws_frame>> ws_recv(char *buffer,
                                                                   std::size_t capacity) {
    std::size_t received = 0;
    curlback_ws_frame frame = {};
    if (!check_again(curlback_ws_recv(handle_, buffer, capacity, &received, &frame))) {
      return std::nullopt;
    }
    return std::pair(received, frame);
  }
  /** False where it has to be called again. */
  bool ws_close(std::uint16_t code = 0, std::string_view reason = {}) {
    return check_again(curlback_ws_close(handle_, code, reason.data(), reason.size()));
  }
  /** Returns how much was sent, which may be nothing yet. */
  std::size_t send(std::string_view data) {
    std::size_t sent = 0;
    check_again(curlback_easy_send(handle_, data.data(), data.size(), &sent));
    return sent;
  }
  /** Empty where there is nothing yet; 0 where the other side has closed. */
  std::optional<std::size_t> recv(char *buffer, std::size_t capacity) {
    std::size_t received = 0;
    if (!check_again(curlback_easy_recv(handle_, buffer, capacity, &received))) {
      return std::nullopt;
    }
    return received;
  }

protected:
  /** What get() returns. */
  curlback_easy *handle_;

private:
  template <class Set, class Trampoline, class F>
  void install(Set set, Trampoline trampoline, F &&function) {
    detail::install(set, handle_, trampoline, std::forward<F>(function));
  }
  /** False where libcurl says AGAIN. */
  static bool check_again(curlback_result result) {
    constexpr curlback_result again = 81;
    if (result != again) {
      detail::check(result);
    }
    return result != again;
  }
  template <class Get> std::string_view collected(Get get_data) const {
    const std::uint8_t *data = nullptr;
    std::size_t len = 0;
    detail::check(get_data(handle_, &data, &len));
    return detail::view(data, len);
  }
};

/**
 * An easy handle that closes itself. It can be moved. Inside one of its own callbacks it may be
 * destroyed too: it is closed when the transfer has ended.
 */
class easy : public easy_ref {
public:
  /** curlback_easy_new(). */
  easy() : easy_ref(curlback_easy_new()) {
    if (handle_ == nullptr) {
      throw error(CURLBACK_E_NO_MEMORY, curlback_last_error());
    }
  }
  /** Takes over a handle. */
  explicit easy(curlback_easy *handle) noexcept : easy_ref(handle) {}
  /** Moves: the other has no handle any more. */
  easy(easy &&other) noexcept : easy_ref(other.give_up()) {}
  /** Moves, and releases the handle that was there. */
  easy &operator=(easy &&other) noexcept {
    if (this != &other) {
      curlback_easy_release(handle_);
      handle_ = other.give_up();
    }
    return *this;
  }
  easy(const easy &) = delete;
  easy &operator=(const easy &) = delete;
  /** curlback_easy_release(). */
  ~easy() {
    curlback_easy_release(handle_);
  }

  /** Closes it now, and throws where it cannot be closed. */
  void close() {
    detail::check(curlback_easy_close(handle_));
    handle_ = nullptr;
  }
  /** Leaves the handle to the caller, who has to close it. */
  curlback_easy *give_up() noexcept {
    return std::exchange(handle_, nullptr);
  }
};

inline easy easy_ref::duplicate() const {
  curlback_easy *copy = nullptr;
  detail::check(curlback_easy_duplicate(handle_, &copy));
  return easy(copy);
}

} // namespace curlback

#endif /* CURLBACK_EASY_HPP */
