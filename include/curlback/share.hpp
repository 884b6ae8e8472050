/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/**
 * @file share.hpp
 * A part of curlback.hpp: what handles have in common.
 */
#ifndef CURLBACK_SHARE_HPP
#define CURLBACK_SHARE_HPP

#include "easy.hpp"

namespace curlback {

class share_ref;

namespace detail {

/** The two callables of a share. */
template <class Lock, class Unlock> struct locks {
  Lock lock;
  Unlock unlock;
};

template <class Lock, class Unlock>
void on_lock(curlback_share *share, curlback_easy *easy, std::int32_t what, std::int32_t access,
             void *user_data) noexcept;

template <class Lock, class Unlock>
void on_unlock(curlback_share *share, curlback_easy *easy, std::int32_t what,
               void *user_data) noexcept;

} // namespace detail

/** A share that somebody else owns: see easy_ref. */
class share_ref {
public:
  /** Refers to a handle, and owns nothing. */
  explicit share_ref(curlback_share *handle) noexcept : handle_(handle) {}

  /** The handle, for the functions of curlback.h. */
  curlback_share *get() const noexcept {
    return handle_;
  }
  /** Whether both are the same handle. */
  friend bool operator==(share_ref one, share_ref other) noexcept {
    return one.handle_ == other.handle_;
  }
  /** Whether they are different handles. */
  friend bool operator!=(share_ref one, share_ref other) noexcept {
    return one.handle_ != other.handle_;
  }

  /** what: one of CURLBACK_SHARE_. */
  void add(std::int32_t what) {
    detail::check(curlback_share_add(handle_, what));
  }
  /** curlback_share_remove(). */
  void remove(std::int32_t what) {
    detail::check(curlback_share_remove(handle_, what));
  }

  /**
   * lock: (curlback::easy_ref easy, std::int32_t what, std::int32_t access); unlock:
   * (curlback::easy_ref easy, std::int32_t what). The handle of easy may be NULL. They return
   * nothing. What one throws ends the transfer of easy, and comes out of that; where there is none
   * it is dropped.
   */
  template <class Lock, class Unlock> void on_lock(Lock &&lock, Unlock &&unlock) {
    using L = std::decay_t<Lock>;
    using U = std::decay_t<Unlock>;
    const auto set = [](curlback_share *handle, curlback_lock_cb on_lock, void *user_data,
                        curlback_drop_cb drop) {
      return curlback_share_on_lock(handle, on_lock, detail::on_unlock<L, U>, user_data, drop);
    };
    detail::install(set, handle_, detail::on_lock<L, U>,
                    detail::locks<L, U>{std::forward<Lock>(lock), std::forward<Unlock>(unlock)});
  }
  /** The library's own locks again. */
  void on_lock(std::nullptr_t) {
    detail::check(curlback_share_on_lock(handle_, nullptr, nullptr, nullptr, nullptr));
  }

protected:
  /** What get() returns. */
  curlback_share *handle_;
};

namespace detail {

/** Nothing that they return could fail a transfer. */
template <class F, class... Arguments>
void call_lock(curlback_easy *easy, F &function, share_ref share, Arguments... arguments) noexcept {
  try {
    static_assert(std::is_void_v<decltype(invoke(function, share, arguments...))>,
                  "the callbacks of on_lock return nothing");
    invoke(function, share, arguments...);
  } catch (...) {
    raise_caught(easy);
  }
}

template <class Lock, class Unlock>
void on_lock(curlback_share *share, curlback_easy *easy, std::int32_t what, std::int32_t access,
             void *user_data) noexcept {
  auto &both = *static_cast<locks<Lock, Unlock> *>(user_data);
  call_lock(easy, both.lock, share_ref(share), easy_ref(easy), what, access);
}

template <class Lock, class Unlock>
void on_unlock(curlback_share *share, curlback_easy *easy, std::int32_t what,
               void *user_data) noexcept {
  auto &both = *static_cast<locks<Lock, Unlock> *>(user_data);
  call_lock(easy, both.unlock, share_ref(share), easy_ref(easy), what);
}

} // namespace detail

/** Caches that handles have in common. It goes as soon as no handle uses it. It can be moved. */
class share : public share_ref {
public:
  /** curlback_share_new(). */
  share() : share_ref(curlback_share_new()) {
    if (handle_ == nullptr) {
      throw error(CURLBACK_E_NO_MEMORY, curlback_last_error());
    }
  }
  /** Of these: CURLBACK_SHARE_. */
  explicit share(std::initializer_list<std::int32_t> all) : share() {
    for (const std::int32_t what : all) {
      add(what);
    }
  }
  /** Takes over a handle. */
  explicit share(curlback_share *handle) noexcept : share_ref(handle) {}
  /** Moves: the other has no handle any more. */
  share(share &&other) noexcept : share_ref(other.give_up()) {}
  /** Moves, and releases the handle that was there. */
  share &operator=(share &&other) noexcept {
    if (this != &other) {
      curlback_share_release(handle_);
      handle_ = other.give_up();
    }
    return *this;
  }
  share(const share &) = delete;
  share &operator=(const share &) = delete;
  /** curlback_share_release(). */
  ~share() {
    curlback_share_release(handle_);
  }

  /** Closes it now, and throws where it cannot be closed. */
  void close() {
    detail::check(curlback_share_close(handle_));
    handle_ = nullptr;
  }
  /** Leaves the handle to the caller, who has to close it. */
  curlback_share *give_up() noexcept {
    return std::exchange(handle_, nullptr);
  }
};

/** What easy_ref::set_share() does. */
inline void easy_ref::set_share(const share_ref &common) {
  detail::check(curlback_easy_set_share(handle_, common.get()));
}

} // namespace curlback

#endif /* CURLBACK_SHARE_HPP */
