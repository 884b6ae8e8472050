/* Exceptions come out of perform() and run() as they were, and never cross C. */
#include "check.hpp"

#include <algorithm>
#include <thread>

/* Tells which object it is, through every copy that the language might make. */
struct Failure : std::runtime_error {
  explicit Failure(const Counted &token) : std::runtime_error("the disk is full"), counted(token) {}
  Counted counted;
};

static int live = 0;

/* Runs `call`, which has to throw this very exception. */
template <class Call> void throws(const std::exception_ptr &thrown, Call call) {
  try {
    call();
  } catch (...) {
    CHECK(std::current_exception() == thrown);
    return;
  }
  CHECK(false);
}

static std::exception_ptr new_failure() {
  return std::make_exception_ptr(Failure(Counted(live)));
}

static curlback::easy handle(const char *path) {
  curlback::easy easy;
  easy.set(CURLBACK_OPT_URL, http(path));
  easy.set(CURLBACK_OPT_TIMEOUT, 20);
  easy.on_write([](std::string_view) {});
  return easy;
}

/* Each callback that a transfer over HTTP calls. */
static void from_each_callback() {
  const auto failure = new_failure();
  const auto thrown = [&](const char *path, auto prepare) {
    curlback::easy easy = handle(path);
    prepare(easy);
    for (int round = 0; round < 2; ++round) {
      throws(failure, [&] { easy.perform(); });
      const auto record = [&] {
        curlback_error error = {};
        CHECK(curlback_easy_error(easy.get(), &error) == CURLBACK_OK);
        return error;
      }();
      CHECK(record.result == CURLBACK_E_RAISED);
      CHECK(record.callback != CURLBACK_CALLBACK_NONE);
      CHECK(record.payload == nullptr);
    }
  };
  const auto fail = [&] { std::rethrow_exception(failure); };
  thrown("/hello", [&](auto &easy) { easy.on_write([&](std::string_view) { fail(); }); });
  thrown("/hello", [&](auto &easy) { easy.on_header([&](std::string_view) { fail(); }); });
  thrown("/hello", [&](auto &easy) {
    easy.on_debug([&](std::int32_t kind, std::string_view) {
      /* libcurl 7.88 closes a socket that is still being connected without its callback. */
      if (kind == CURLBACK_DEBUG_HEADER_OUT) {
        fail();
      }
    });
  });
  thrown("/hello",
         [&](auto &easy) { easy.on_progress([&](double, double, double, double) { fail(); }); });
  thrown("/hello", [&](auto &easy) {
    easy.on_xferinfo([&](std::int64_t, std::int64_t, std::int64_t, std::int64_t) { fail(); });
  });
  thrown("/hello", [&](auto &easy) {
    easy.on_open_socket([&](std::int32_t, const curlback_address &) -> curlback_socket {
      fail();
      return CURLBACK_SOCKET_DEFAULT;
    });
  });
  thrown("/hello", [&](auto &easy) {
    easy.set(CURLBACK_OPT_FORBID_REUSE, true);
    easy.on_sockopt([&](curlback_socket, std::int32_t) { fail(); });
  });
  thrown("/hello", [&](auto &easy) {
    easy.on_prereq([&](std::string_view, std::string_view, std::int32_t, std::int32_t) { fail(); });
  });
  thrown("/hello", [&](auto &easy) {
    easy.set(CURLBACK_OPT_DNS_CACHE_TIMEOUT, 0);
    easy.set(CURLBACK_OPT_FORBID_REUSE, true);
    easy.on_resolver_start(fail);
  });
  thrown("/echo", [&](auto &easy) {
    easy.set(CURLBACK_OPT_UPLOAD, true);
    easy.on_read([&](char *, std::size_t) -> std::size_t {
      fail();
      return 0;
    });
  });
  thrown("/redirect307", [&](auto &easy) {
    easy.set(CURLBACK_OPT_UPLOAD, true);
    easy.set(CURLBACK_OPT_FOLLOWLOCATION, true);
    easy.on_read([sent = false](char *buffer, std::size_t) mutable -> std::size_t {
      buffer[0] = 'x';
      return sent ? 0 : (sent = true);
    });
    easy.on_seek([&](std::int64_t, std::int32_t) { fail(); });
  });
}

/* Of any type, with the error's own type, and on a handle that works afterwards. */
static void of_any_type() {
  curlback::easy easy = handle("/hello");
  easy.on_write([](std::string_view) { throw 42; });
  try {
    easy.perform();
    CHECK(false);
  } catch (int number) {
    CHECK(number == 42);
  }
  easy.on_write([](curlback::easy_ref inner, std::string_view) { inner.perform(); });
  const auto error = refused(CURLBACK_E_IN_CALLBACK, [&] { easy.perform(); });
  CHECK(error.callback() == CURLBACK_CALLBACK_NONE);
  easy.on_write([](std::string_view) {});
  easy.perform();
  CHECK(easy.get_int(CURLBACK_INFO_RESPONSE_CODE) == 200);
}

/* The exception comes first, also where the callback cancels; others are dropped once each. */
static void lives_once() {
  {
    curlback::easy easy = handle("/hello");
    easy.on_write([](curlback::easy_ref inner, std::string_view) {
      inner.cancel();
      throw Failure(Counted(live));
    });
    try {
      easy.perform();
      CHECK(false);
    } catch (const Failure &failure) {
      CHECK(live == 1);
      CHECK(std::string(failure.what()) == "the disk is full");
    }
    CHECK(live == 0);
    /* By C it stays with the handle, until that goes. */
    CHECK(curlback_easy_perform(easy.get()) != CURLBACK_OK);
    CHECK(live == 1);
  }
  CHECK(live == 0);
}

/* While the handle closes nobody is there to throw to. */
static void while_closing() {
  int calls = 0;
  {
    curlback::easy easy = handle("/hello");
    easy.on_close_socket([&](curlback_socket socket) {
      ++calls;
      CHECK(curlback_easy_close(nullptr) == CURLBACK_OK);
      std::fclose(fdopen(static_cast<int>(socket), "r"));
      throw Failure(Counted(live));
    });
    easy.perform();
  }
  CHECK(calls == 1);
  CHECK(live == 0);
}

static void out_of_a_multi_handle() {
  const auto failure = new_failure();
  curlback::multi multi;
  curlback::easy bad = handle("/hello");
  curlback::easy good = handle("/hello");
  bad.on_write([&](std::string_view) { std::rethrow_exception(failure); });
  multi.add(bad);
  multi.add(good);
  std::vector<std::pair<curlback_easy *, curlback_result>> ended;
  multi.on_done([&](curlback::multi_ref handle, curlback::easy_ref easy, curlback_result result) {
    CHECK(handle == multi);
    ended.emplace_back(easy.get(), result);
  });
  throws(failure, [&] { multi.run(); });
  multi.run();
  CHECK(ended.size() == 2);
  for (const auto &[easy, result] : ended) {
    CHECK(result == (easy == bad.get() ? CURLBACK_E_RAISED : CURLBACK_OK));
  }

  /* Of its own callbacks. */
  multi.remove(bad);
  multi.remove(good);
  multi.on_done([&](curlback::easy_ref, curlback_result) { std::rethrow_exception(failure); });
  multi.add(good);
  throws(failure, [&] { multi.run(); });
  multi.remove(good);

  multi.on_done(nullptr);
  multi.on_timer([&](std::int64_t) { std::rethrow_exception(failure); });
  throws(failure, [&] {
    multi.add(good);
    multi.perform();
  });
}

/* Several throw in one call: the first comes out of it, and each is with its handle. */
static void of_several_handles() {
  int turns = 0;
  constexpr std::size_t count = 5;
  curlback::multi multi;
  std::vector<curlback::easy> easies;
  std::vector<std::exception_ptr> failures;
  std::vector<std::size_t> order;
  for (std::size_t n = 0; n < count; ++n) {
    failures.push_back(new_failure());
    easies.push_back(handle("/hello"));
    easies.back().on_header([&, n](std::string_view) {
      order.push_back(n);
      std::rethrow_exception(failures[n]);
    });
    multi.add(easies.back());
  }
  const auto number = [&](const std::exception_ptr &thrown) {
    const auto found = std::find(failures.begin(), failures.end(), thrown);
    CHECK(found != failures.end());
    return static_cast<std::size_t>(found - failures.begin());
  };
  std::vector<std::size_t> told;
  multi.on_done([&](curlback::easy_ref easy, curlback_result result) {
    CHECK(result == CURLBACK_E_RAISED);
    const std::size_t n = number(easy.exception());
    CHECK(easies[n] == easy);
    throws(failures[n], [&] { easy.check(result); });
    told.push_back(n);
  });
  for (std::int32_t running = static_cast<std::int32_t>(count);
       running > 0 || told.size() < count;) {
    const std::size_t before = order.size();
    try {
      running = multi.perform();
      CHECK(order.size() == before);
    } catch (...) {
      CHECK(number(std::current_exception()) == order[before]);
    }
    multi.poll(10);
    CHECK(++turns < 2000);
  }
  CHECK(told == order && told.size() == count);
  failures.clear();
  CHECK(live == static_cast<int>(count));
  easies.front().set(CURLBACK_OPT_URL, http("/hello"));
  easies.front().on_header(nullptr);
  multi.remove(easies.front());
  easies.front().perform();
  CHECK(easies.front().exception() == nullptr);
  CHECK(live == static_cast<int>(count) - 1);
}

/* Several callbacks of the multi handle's own: each comes out of a call, in their order. */
static void of_its_own_callbacks() {
  int turns = 0;
  constexpr std::size_t count = 3;
  curlback::multi multi;
  std::vector<curlback::easy> easies;
  std::vector<std::exception_ptr> failures;
  multi.on_socket([&](curlback::easy_ref, curlback_socket, std::int32_t what, void *) {
    if (what != CURLBACK_POLL_REMOVE && failures.size() < count) {
      failures.push_back(new_failure());
      std::rethrow_exception(failures.back());
    }
  });
  for (std::size_t n = 0; n < count; ++n) {
    easies.push_back(handle("/hang?its-own-callbacks"));
    multi.add(easies.back());
  }
  std::size_t out = 0, most = 0;
  while (out < count) {
    const std::size_t before = failures.size();
    CHECK(++turns < 2000);
    try {
      multi.socket_action(CURLBACK_SOCKET_TIMEOUT, 0);
    } catch (...) {
      CHECK(std::current_exception() == failures[out]);
      ++out;
      most = std::max(most, failures.size() - before);
    }
  }
  CHECK(most > 1);
  multi.socket_action(CURLBACK_SOCKET_TIMEOUT, 0);
  for (curlback::easy &easy : easies) {
    multi.remove(easy);
  }
  failures.clear();
  CHECK(live == 0);
}

/* A handle of one thread may be cancelled by another. */
static void cancelled() {
  curlback::easy easy = handle("/stall");
  std::thread other;
  easy.on_write([&](curlback::easy_ref inner, std::string_view) {
    if (!other.joinable()) {
      other = std::thread([inner]() mutable { inner.cancel(); });
    }
  });
  refused(CURLBACK_E_CANCELLED, [&] { easy.perform(); });
  other.join();
}

int main() {
  from_each_callback();
  of_any_type();
  lives_once();
  while_closing();
  out_of_a_multi_handle();
  of_several_handles();
  of_its_own_callbacks();
  cancelled();
  CHECK(live == 0);
  return done();
}
