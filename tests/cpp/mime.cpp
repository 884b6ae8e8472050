/* Bodies in parts, their callbacks and who owns them. */
#include "check.hpp"

int main() {
  int live = 0;
  {
    curlback::easy easy;
    easy.set(CURLBACK_OPT_URL, http("/echo"));
    easy.set(CURLBACK_OPT_TIMEOUT, 20);
    easy.body_to_memory(10000);
    {
      curlback::mime form(easy);
      form.add().name("plain").data("two words").type("text/plain").headers({"X-Of: mine"});
      const std::string text = "what a callback gives";
      form.add()
          .name("called")
          .filename("called.txt")
          .callbacks(static_cast<std::int64_t>(text.size()),
                     [text, at = std::size_t{0},
                      counted = Counted(live)](char *buffer, std::size_t capacity) mutable {
                       const std::size_t count = text.copy(buffer, capacity, at);
                       at += count;
                       return count;
                     });
      curlback::mime inner(easy);
      inner.add().data("inside").encoder("base64");
      form.add().name("nested").subparts(std::move(inner));
      CHECK(inner.get() == nullptr);
      easy.set_mime(form);
      refused(CURLBACK_E_IN_USE, [&] { form.close(); });
    }
    CHECK(live == 1);
    easy.perform();
    const std::string body(easy.body());
    for (const char *piece : {"name=\"plain\"", "two words", "X-Of: mine",
                              "filename=\"called.txt\"", "what a callback gives", "aW5zaWRl"}) {
      CHECK(body.find(piece) != std::string::npos);
    }
    easy.set_mime(nullptr);
    CHECK(live == 0);

    /* An exception of a part comes out of perform(), and a part is rewound. */
    curlback::mime failing(easy);
    failing.add().name("x").callbacks(-1, [counted = Counted(live)](char *, std::size_t) -> int {
      throw std::logic_error("no more");
    });
    easy.set_mime(failing);
    try {
      easy.perform();
      CHECK(false);
    } catch (const std::logic_error &error) {
      CHECK(std::string(error.what()) == "no more");
    }
    curlback::mime again(easy);
    std::size_t at = 0;
    int seeks = 0;
    again.add().name("y").callbacks(
        3,
        [&](char *buffer, std::size_t capacity) {
          const std::size_t count = std::string_view("abc").copy(buffer, capacity, at);
          at += count;
          return count;
        },
        [&](std::int64_t offset, std::int32_t) {
          ++seeks;
          at = static_cast<std::size_t>(offset);
        });
    easy.set_mime(again);
    easy.perform();
    easy.perform();
    CHECK(seeks >= 1);
    CHECK(easy.body().find("abc") != std::string_view::npos);
    easy.set_mime(nullptr);
    again.close();
  }
  CHECK(live == 0);
  return done();
}
