/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/**
 * @file multi.hpp
 * A part of curlback.hpp: multi handles.
 */
#ifndef CURLBACK_MULTI_HPP
#define CURLBACK_MULTI_HPP

#include "easy.hpp"

namespace curlback {

namespace detail {

template <class F>
void on_done(curlback_multi *multi, curlback_easy *easy, curlback_result result,
             void *user_data) noexcept {
  call<F>(multi, user_data, 0, 0, easy_ref(easy), result);
}

template <class F>
void on_notify(curlback_multi *multi, std::int32_t notification, curlback_easy *easy,
               void *user_data) noexcept {
  call<F>(multi, user_data, 0, 0, notification, easy_ref(easy));
}

/** Where it throws it returns 0 all the same: -1 would end every transfer. */
template <class F>
std::int32_t on_socket(curlback_multi *multi, curlback_easy *easy, curlback_socket socket,
                       std::int32_t what, void *socket_data, void *user_data) noexcept {
  return call<F>(multi, user_data, 0, std::int32_t{0}, easy_ref(easy), socket, what, socket_data);
}

/** As on_socket. */
template <class F>
std::int32_t on_timer(curlback_multi *multi, std::int64_t timeout_ms, void *user_data) noexcept {
  return call<F>(multi, user_data, 0, std::int32_t{0}, timeout_ms);
}

template <class F>
std::int32_t on_push(curlback_multi *multi, curlback_easy *parent, curlback_easy *pushed,
                     const char *const *headers, std::size_t count, void *user_data) noexcept {
  return call<F>(multi, user_data, must_return(), std::int32_t{CURLBACK_PUSH_DENY},
                 easy_ref(parent), easy_ref(pushed), headers, count);
}

} // namespace detail

/** A multi handle that somebody else owns: see easy_ref. */
class multi_ref {
public:
  /** Refers to a handle, and owns nothing. */
  explicit multi_ref(curlback_multi *handle) noexcept : handle_(handle) {}

  /** The handle, for the functions of curlback.h. */
  curlback_multi *get() const noexcept {
    return handle_;
  }
  /** curlback_multi_curl(). */
  void *curl() const noexcept {
    return curlback_multi_curl(handle_);
  }
  /** Whether both are the same handle. */
  friend bool operator==(multi_ref one, multi_ref other) noexcept {
    return one.handle_ == other.handle_;
  }
  /** Whether they are different handles. */
  friend bool operator!=(multi_ref one, multi_ref other) noexcept {
    return one.handle_ != other.handle_;
  }

  /** curlback_multi_set_int(). */
  void set(std::int32_t option, std::int64_t value) {
    detail::check(curlback_multi_set_int(handle_, option, value));
  }
  /** The easy handle stays the caller's, who keeps it until its transfer has ended. */
  void add(easy_ref easy) {
    detail::check_run(handle_, curlback_multi_add(handle_, easy.get()));
  }
  /** curlback_multi_remove(). */
  void remove(easy_ref easy) {
    detail::check_run(handle_, curlback_multi_remove(handle_, easy.get()));
  }

  /**
   * Throws what a callback of the multi handle or of one of its easy handles threw, or else an
   * error. The other transfers go on with the next call. Where several threw it is the first of
   * them: what easy handles threw stays with these, for on_done, check() and exception(); each of
   * the multi handle's own comes out of one of the next calls.
   */
  void run(std::int32_t mode = CURLBACK_RUN_UNTIL_DONE) {
    detail::check_run(handle_, curlback_multi_run(handle_, mode));
  }
  /** Returns how many transfers are still under way. Throws as run(). */
  std::int32_t perform() {
    std::int32_t running = 0;
    detail::check_run(handle_, curlback_multi_perform(handle_, &running));
    return running;
  }
  /** As perform(). */
  std::int32_t socket_action(curlback_socket socket, std::int32_t events) {
    std::int32_t running = 0;
    detail::check_run(handle_, curlback_multi_socket_action(handle_, socket, events, &running));
    return running;
  }
  /** Returns on how many descriptors something happened. Throws as run(). */
  std::int32_t poll(std::int32_t timeout_ms, curlback_wait_fd *extra = nullptr,
                    std::size_t extra_count = 0) {
    std::int32_t ready = 0;
    detail::check_run(handle_,
                      curlback_multi_poll(handle_, extra, extra_count, timeout_ms, &ready));
    return ready;
  }
  /** curlback_multi_stop(). */
  void stop() {
    detail::check(curlback_multi_stop(handle_));
  }
  /** curlback_multi_wakeup(). */
  void wakeup() {
    detail::check(curlback_multi_wakeup(handle_));
  }
  /** curlback_multi_timeout(). */
  std::int64_t timeout() const {
    std::int64_t timeout_ms = 0;
    detail::check(curlback_multi_timeout(handle_, &timeout_ms));
    return timeout_ms;
  }
  /** curlback_multi_wait_fds(). */
  std::vector<curlback_wait_fd> wait_fds() const {
    std::size_t count = 0;
    detail::check(curlback_multi_wait_fds(handle_, nullptr, 0, &count));
    std::vector<curlback_wait_fd> fds(count);
    detail::check(curlback_multi_wait_fds(handle_, fds.data(), fds.size(), &count));
    fds.resize(count < fds.size() ? count : fds.size());
    return fds;
  }
  /** A transfer that has ended, with its result; see easy_ref::check(). */
  std::optional<std::pair<easy_ref, curlback_result>> next_done() {
    curlback_easy *easy = nullptr;
    curlback_result result = CURLBACK_OK;
    if (!curlback_multi_next_done(handle_, &easy, &result)) {
      return std::nullopt;
    }
    return std::pair<easy_ref, curlback_result>(easy_ref(easy), result);
  }
  /** curlback_multi_assign(). */
  void assign(curlback_socket socket, void *socket_data, curlback_drop_cb drop = nullptr) {
    detail::check(curlback_multi_assign(handle_, socket, socket_data, drop));
  }
  /** curlback_multi_notify(). */
  void notify(std::int32_t notification, bool enabled) {
    detail::check(curlback_multi_notify(handle_, notification, enabled));
  }

  /** (curlback::easy_ref easy, curlback_result result). */
  template <class F> void on_done(F &&function) {
    detail::install(curlback_multi_on_done, handle_, detail::on_done<std::decay_t<F>>,
                    std::forward<F>(function));
  }
  /** (std::int32_t notification, curlback::easy_ref easy), whose handle may be NULL. */
  template <class F> void on_notify(F &&function) {
    detail::install(curlback_multi_on_notify, handle_, detail::on_notify<std::decay_t<F>>,
                    std::forward<F>(function));
  }
  /**
   * (curlback::easy_ref easy, curlback_socket socket, std::int32_t what, void *socket_data); the
   * handle of easy may be NULL.
   */
  template <class F> void on_socket(F &&function) {
    detail::install(curlback_multi_on_socket, handle_, detail::on_socket<std::decay_t<F>>,
                    std::forward<F>(function));
  }
  /** (std::int64_t timeout_ms). */
  template <class F> void on_timer(F &&function) {
    detail::install(curlback_multi_on_timer, handle_, detail::on_timer<std::decay_t<F>>,
                    std::forward<F>(function));
  }
  /**
   * (curlback::easy_ref parent, curlback::easy_ref pushed, const char *const *headers, std::size_t
   * count), returns one of CURLBACK_PUSH_. On CURLBACK_PUSH_OK pushed is the application's, which
   * gives it an owner: curlback::easy(pushed.get()).
   */
  template <class F> void on_push(F &&function) {
    detail::install(curlback_multi_on_push, handle_, detail::on_push<std::decay_t<F>>,
                    std::forward<F>(function));
  }

protected:
  /** What get() returns. */
  curlback_multi *handle_;
};

/** A multi handle that closes itself; its easy handles leave it and live on. It can be moved. */
class multi : public multi_ref {
public:
  /** curlback_multi_new(). */
  multi() : multi_ref(curlback_multi_new()) {
    if (handle_ == nullptr) {
      throw error(CURLBACK_E_NO_MEMORY, curlback_last_error());
    }
  }
  /** Takes over a handle. */
  explicit multi(curlback_multi *handle) noexcept : multi_ref(handle) {}
  /** Moves: the other has no handle any more. */
  multi(multi &&other) noexcept : multi_ref(other.give_up()) {}
  /** Moves, and releases the handle that was there. */
  multi &operator=(multi &&other) noexcept {
    if (this != &other) {
      curlback_multi_release(handle_);
      handle_ = other.give_up();
    }
    return *this;
  }
  multi(const multi &) = delete;
  multi &operator=(const multi &) = delete;
  /** curlback_multi_release(). */
  ~multi() {
    curlback_multi_release(handle_);
  }

  /** Closes it now, and throws where it cannot be closed. */
  void close() {
    detail::check(curlback_multi_close(handle_));
    handle_ = nullptr;
  }
  /** Leaves the handle to the caller, who has to close it. */
  curlback_multi *give_up() noexcept {
    return std::exchange(handle_, nullptr);
  }
};

} // namespace curlback

#endif /* CURLBACK_MULTI_HPP */
