/* Callables of every kind, and who owns them. */
#include "check.hpp"

static int plain_calls = 0;

static void plain(std::string_view data) {
  plain_calls += static_cast<int>(data.size());
}

struct Object {
  std::string *text;
  int calls = 0;
  std::int64_t operator()(curlback::easy_ref easy, std::string_view data) {
    ++calls;
    CHECK(easy.get() != nullptr);
    text->append(data);
    return CURLBACK_ALL;
  }
};

static std::string fetch(curlback::easy &easy) {
  static std::string text;
  text.clear();
  easy.perform();
  return text;
}

int main() {
  {
    curlback::easy easy;
    easy.set(CURLBACK_OPT_URL, http("/hello"));
    std::string text;

    /* A lambda, with and without the handle, with what returns nothing, a count, an enumerator. */
    easy.on_write([&](std::string_view data) { text += data; });
    easy.perform();
    CHECK(text == "hello, world\n");
    easy.on_write([&](curlback::easy_ref handle, std::string_view data) {
      CHECK(handle == easy);
      text += data;
      return data.size();
    });
    easy.perform();
    CHECK(text == "hello, world\nhello, world\n");
    easy.on_write([&](std::string_view) { return CURLBACK_ALL; });
    easy.perform();
    easy.on_write([&](std::string_view data) { return static_cast<std::int64_t>(data.size()); });
    easy.perform();
    easy.on_write(
        [&](std::string_view data) { return static_cast<std::int64_t>(data.size()) - 1; });
    refused(23, [&] { easy.perform(); });

    /* Generic; mutable; with a capture that only moves. */
    text.clear();
    easy.on_write([&](auto data) { text += data; });
    easy.perform();
    CHECK(text == "hello, world\n");
    auto owned = std::make_unique<std::string>("given: ");
    easy.on_write([&, owned = std::move(owned), calls = 0](std::string_view data) mutable {
      ++calls;
      *owned += data;
      text = *owned + std::to_string(calls);
    });
    easy.perform();
    CHECK(text == "given: hello, world\n1");

    /* A function, a pointer to one, a std::function, a function object, a reference to one. */
    easy.on_write(plain);
    easy.perform();
    easy.on_write(&plain);
    easy.perform();
    CHECK(plain_calls == 26);
    std::function<void(std::string_view)> function = plain;
    easy.on_write(function);
    easy.perform();
    CHECK(plain_calls == 39);
    text.clear();
    Object object{&text};
    easy.on_write(object);
    easy.perform();
    CHECK(text == "hello, world\n" && object.calls == 0);
    easy.on_write(std::ref(object));
    easy.perform();
    CHECK(object.calls == 1);
    easy.on_write(nullptr);
    easy.body_to_memory(100);
    CHECK(fetch(easy).empty());
    CHECK(easy.body() == "hello, world\n");
  }
  {
    /* What was registered lives as long as it can be called, and no longer. */
    int live = 0;
    {
      curlback::easy easy;
      easy.on_write([counted = Counted(live)](std::string_view) {});
      CHECK(live == 1);
      easy.on_write([counted = Counted(live), more = Counted(live)](std::string_view) {});
      CHECK(live == 2);
      easy.on_header([counted = Counted(live)](std::string_view) {});
      CHECK(live == 3);
      {
        curlback::easy copy = easy.duplicate();
        CHECK(live == 3);
        easy.on_write(nullptr);
        CHECK(live == 3);
      }
      CHECK(live == 1);
      easy.reset();
      CHECK(live == 0);

      /* What is refused is not kept. */
      easy.body_to_memory(10);
      const auto error = refused(CURLBACK_E_EXCLUSIVE, [&] {
        easy.on_write([counted = Counted(live)](std::string_view) {});
      });
      CHECK(std::string(error.what()).find("body_to_memory") != std::string::npos);
      CHECK(live == 0);
      easy.clear_body();

      /* Replaced from inside itself it lives until it has returned. */
      easy.set(CURLBACK_OPT_URL, http("/hello"));
      bool called = false;
      easy.on_write([&, counted = Counted(live)](curlback::easy_ref handle, std::string_view) {
        handle.on_write(nullptr);
        handle.on_write([](std::string_view) {});
        CHECK(live == 1);
        called = true;
      });
      easy.perform();
      CHECK(called && live == 0);
      easy.on_header([counted = Counted(live)](std::string_view) {});
    }
    CHECK(live == 0);
  }
  return done();
}
