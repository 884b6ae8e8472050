/* Shares: what handles have in common, the application's locks, who owns them. */
#include "check.hpp"

#include <mutex>
#include <thread>

static curlback::easy handle(const curlback::share &share, const char *path) {
  curlback::easy easy;
  easy.set(CURLBACK_OPT_URL, http(path));
  easy.set(CURLBACK_OPT_TIMEOUT, 20);
  easy.set(CURLBACK_OPT_COOKIEFILE, "");
  easy.body_to_memory(10000);
  easy.set_share(share);
  return easy;
}

static void owners() {
  static_assert(!std::is_copy_constructible_v<curlback::share>);
  static_assert(std::is_nothrow_move_assignable_v<curlback::share>);
  curlback::share one{CURLBACK_SHARE_COOKIES, CURLBACK_SHARE_DNS};
  curlback_share *raw = one.get();
  curlback::share other = std::move(one);
  CHECK(one.get() == nullptr && other == curlback::share_ref(raw));
  one = std::move(other);
  one.remove(CURLBACK_SHARE_DNS);
  refused(CURLBACK_E_RANGE, [&] { one.add(77); });
  refused(CURLBACK_E_RANGE, [] { curlback::share{CURLBACK_SHARE_COOKIES, 77}; });
  CHECK(curlback_live_handles() == 1);
  curlback::share adopted(one.give_up());
  CHECK(adopted.get() == raw);
  {
    curlback::easy easy = handle(adopted, "/cookies");
    easy.perform();
    curlback::easy reader = handle(adopted, "/request-headers");
    reader.perform();
    CHECK(reader.body().find("one=1") != std::string_view::npos);
    refused(CURLBACK_E_IN_USE, [&] { adopted.close(); });
    reader.set_share(nullptr);
    reader.perform();
    CHECK(reader.body().find("one=1") == std::string_view::npos);
  }
  adopted.close();
  CHECK(adopted.get() == nullptr && curlback_live_handles() == 0);

  /* One that is destroyed while handles use it stays for them. */
  auto gone = std::make_unique<curlback::share>(std::initializer_list<int>{CURLBACK_SHARE_DNS});
  curlback::easy easy = handle(*gone, "/hello");
  gone.reset();
  easy.perform();
  CHECK(easy.body() == "hello, world\n");
}

/* Callables of either kind, which go with the share, and are called on every thread. */
static void locks() {
  int live = 0;
  std::mutex all;
  int locked = 0, unlocked = 0;
  {
    curlback::share share{CURLBACK_SHARE_COOKIES, CURLBACK_SHARE_DNS};
    share.on_lock([counted = Counted(live)](auto...) {}, [](auto...) {});
    CHECK(live == 1);
    share.on_lock(nullptr);
    CHECK(live == 0);
    share.on_lock(
        [&, counted = Counted(live)](curlback::easy_ref, std::int32_t what, std::int32_t access) {
          all.lock();
          CHECK(what >= 1 && access >= CURLBACK_ACCESS_SHARED && access <= CURLBACK_ACCESS_SINGLE);
          ++locked;
        },
        [&, counted = Counted(live)](curlback::share_ref given, curlback::easy_ref, std::int32_t) {
          CHECK(given == share);
          ++unlocked;
          all.unlock();
        });
    CHECK(live == 2);
    std::vector<std::thread> threads;
    for (int n = 0; n < 4; ++n) {
      threads.emplace_back([&] {
        curlback::easy easy = handle(share, "/cookies");
        for (int round = 0; round < 10; ++round) {
          easy.perform();
        }
      });
    }
    for (std::thread &thread : threads) {
      thread.join();
    }
    curlback::easy easy = handle(share, "/hello");
    refused(CURLBACK_E_IN_USE, [&] { share.on_lock(nullptr); });
    refused(CURLBACK_E_IN_USE,
            [&] { share.on_lock([counted = Counted(live)](auto...) {}, [](auto...) {}); });
    CHECK(live == 2);
  }
  CHECK(live == 0 && locked > 80 && locked == unlocked);
}

/* What a lock throws comes out of the transfer that it is for. */
static void thrown() {
  /* Before the share, which locks once more as it closes. */
  bool throws = false;
  curlback::share share{CURLBACK_SHARE_COOKIES};
  share.on_lock(
      [&](curlback::easy_ref easy, std::int32_t, std::int32_t) {
        if (throws && easy.get() != nullptr) {
          throw std::logic_error("locked for ever");
        }
      },
      [](auto...) {});
  curlback::easy easy = handle(share, "/cookies");
  throws = true;
  try {
    easy.perform();
    CHECK(false);
  } catch (const std::logic_error &error) {
    CHECK(std::string(error.what()) == "locked for ever");
  }
  throws = false;
  easy.perform();
}

int main() {
  owners();
  locks();
  thrown();
  return done();
}
