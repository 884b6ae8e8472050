/* Handles own what they stand for, options and information have C++ types. */
#include "check.hpp"

static void owners() {
  static_assert(!std::is_copy_constructible_v<curlback::easy>);
  static_assert(!std::is_copy_assignable_v<curlback::multi>);
  static_assert(std::is_nothrow_move_constructible_v<curlback::easy>);
  static_assert(std::is_nothrow_move_assignable_v<curlback::multi>);
  static_assert(std::is_base_of_v<std::runtime_error, curlback::error>);

  curlback::easy one;
  curlback_easy *raw = one.get();
  curlback::easy other = std::move(one);
  CHECK(one.get() == nullptr && other.get() == raw);
  CHECK(std::string(refused(CURLBACK_E_NULL, [&] { one.perform(); }).what()).size() > 3);
  CHECK(curlback_live_handles() == 1);
  one = std::move(other);
  one = curlback::easy();
  CHECK(curlback_live_handles() == 1 && one.get() != raw);
  refused(CURLBACK_E_HANDLE, [&] { curlback::easy_ref(raw).perform(); });
  one.close();
  CHECK(curlback_live_handles() == 0);

  std::vector<curlback::easy> many(3);
  many.erase(many.begin());
  CHECK(curlback_live_handles() == 2);
  curlback::easy adopted(many.back().give_up());
  many.clear();
  CHECK(curlback_live_handles() == 1 && adopted.get() != nullptr);
}

/* A handle may be destroyed inside its own callback. */
static void destroyed_inside() {
  int live = 0;
  auto easy = std::make_unique<curlback::easy>();
  curlback::easy_ref ref = *easy;
  easy->set(CURLBACK_OPT_URL, http("/hello"));
  easy->on_write([&, counted = Counted(live)](std::string_view) {
    easy.reset();
    CHECK(live == 1);
  });
  try {
    ref.perform();
  } catch (const curlback::error &) {
    /* Whatever it says: the handle is gone. */
  }
  CHECK(live == 0);
  CHECK(easy == nullptr && curlback_live_handles() == 0);

  /* close() is refused there, and the refusal comes out. */
  curlback::easy stays;
  stays.set(CURLBACK_OPT_URL, http("/hello"));
  stays.on_write([&](std::string_view) { stays.close(); });
  const auto error = refused(CURLBACK_E_IN_CALLBACK, [&] { stays.perform(); });
  CHECK(error.curl_code() == 0 && error.message().empty());
}

static void options() {
  enum class answer : long { yes = 1 };
  curlback::easy easy;
  const std::string url = http("/request-headers");
  easy.set(CURLBACK_OPT_URL, url.c_str());
  easy.set(CURLBACK_OPT_URL, std::string_view(url));
  easy.set(CURLBACK_OPT_URL, url);
  easy.set(CURLBACK_OPT_FOLLOWLOCATION, answer::yes);
  easy.set(CURLBACK_OPT_TIMEOUT_MS, 20000u);
  easy.set_list(CURLBACK_OPT_HTTPHEADER, {"x-one: 1", "x-two: 2"});
  easy.set(CURLBACK_OPT_USERAGENT, "tester");
  easy.body_to_memory(10000);
  easy.perform();
  std::string body(easy.body());
  for (const char *line : {"\nx-one: 1\n", "\nx-two: 2\n", "\nuser-agent: tester\n"}) {
    CHECK(body.find(line) != std::string::npos);
  }
  easy.unset(CURLBACK_OPT_HTTPHEADER);
  easy.set(CURLBACK_OPT_USERAGENT, nullptr);
  easy.perform();
  CHECK(easy.body().find("x-one") == std::string_view::npos);
  CHECK(easy.body().find("tester") == std::string_view::npos);

  const std::string with_nul("a\0b", 3);
  refused(CURLBACK_E_RANGE, [&] { easy.set(CURLBACK_OPT_USERAGENT, with_nul); });
  refused(CURLBACK_E_RANGE, [&] { easy.set_list(CURLBACK_OPT_HTTPHEADER, {with_nul}); });
  const auto type = refused(CURLBACK_E_TYPE, [&] { easy.set(CURLBACK_OPT_URL, 1); });
  CHECK(std::string(type.name()) == "CURLBACK_E_TYPE" && type.callback() == 0);
  CHECK(std::string(type.what()).find("URL") != std::string::npos);

  CHECK(easy.get_int(CURLBACK_INFO_RESPONSE_CODE) == 200);
  CHECK(easy.get_double(CURLBACK_INFO_TOTAL_TIME) > 0);
  CHECK(easy.get_str(CURLBACK_INFO_EFFECTIVE_URL) == url);
  CHECK(!easy.get_str(CURLBACK_INFO_REDIRECT_URL));
  CHECK(easy.get_list(CURLBACK_INFO_COOKIELIST).empty());
  refused(CURLBACK_E_RANGE, [&] { easy.get_cert(0); });
  CHECK(easy.curl() != nullptr);
}

/* Bytes go out as they are, NULs and none at all. */
static void bodies() {
  curlback::easy easy;
  easy.set(CURLBACK_OPT_URL, http("/echo"));
  easy.body_to_memory(10000);
  easy.header_to_memory(10000);
  const std::string bytes("a\0b\r\n", 5);
  easy.set_bytes(CURLBACK_OPT_POSTFIELDS, bytes);
  easy.perform();
  CHECK(easy.body().find(bytes) != std::string_view::npos);
  CHECK(easy.header().find("HTTP/1.1 200 OK\r\n") == 0);
  easy.reset();
  easy.set(CURLBACK_OPT_URL, http("/echo"));
  easy.set(CURLBACK_OPT_UPLOAD, true);
  easy.body_to_memory(10000);
  for (std::string_view sent : {std::string_view(), std::string_view(bytes)}) {
    easy.read_from_memory(sent);
    easy.perform();
    CHECK(easy.body().find(sent) != std::string_view::npos);
  }
  easy.clear_source();
  easy.clear_body();
  std::FILE *file = std::tmpfile();
  CHECK(file != nullptr);
  easy.set(CURLBACK_OPT_UPLOAD, false);
  easy.set(CURLBACK_OPT_URL, http("/hello"));
  easy.body_to_file(file);
  easy.perform();
  std::rewind(file);
  char text[20] = {};
  CHECK(std::fread(text, 1, sizeof text, file) == 13 && std::string(text) == "hello, world\n");
  std::fclose(file);
}

/* A value of any type, found by its type wherever the handle is. */
static void private_data() {
  int live = 0;
  {
    curlback::easy easy;
    CHECK(easy.get_private<int>() == nullptr);
    easy.set_private(42);
    CHECK(*easy.get_private<int>() == 42);
    CHECK(easy.get_private<long>() == nullptr && easy.get_private<const int>() == nullptr);
    const std::string name = "a name";
    easy.set_private(name);
    easy.get_private<std::string>()->append("!");
    CHECK(*easy.get_private<std::string>() == "a name!" && name == "a name");
    easy.set_private(std::make_unique<Counted>(live));
    CHECK(live == 1 && easy.get_private<std::unique_ptr<Counted>>() != nullptr);
    CHECK(easy.duplicate().get_private<std::unique_ptr<Counted>>() == nullptr);
    easy.reset();
    CHECK(live == 1);
    easy.set_private(nullptr);
    CHECK(live == 0 && easy.get_private<std::unique_ptr<Counted>>() == nullptr);

    easy.set_private(std::string("found inside"));
    easy.set(CURLBACK_OPT_URL, http("/hello"));
    bool called = false;
    easy.on_write([&](curlback::easy_ref inner, std::string_view) {
      called = *inner.get_private<std::string>() == "found inside";
    });
    easy.perform();
    CHECK(called);
    easy.set_private(Counted(live));
  }
  CHECK(live == 0);
}

int main() {
  owners();
  private_data();
  destroyed_inside();
  options();
  bodies();
  return done();
}
