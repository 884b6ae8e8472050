/* Shows: a callback that throws, and the caller of perform() catching what it threw.
 *
 * Compile: c++ -std=c++17 failing_callback.cpp -lcurlback
 * Run:     ./a.out URL   (exits 0 if the exception came back as it was thrown)
 */
#include <curlback.hpp>

#include <iostream>

struct too_long : std::length_error {
  explicit too_long(std::size_t taken)
      : std::length_error("the body is too long"), bytes_taken(taken) {}
  std::size_t bytes_taken;
};

int main(int argc, char **argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " URL\n";
    return 1;
  }
  try {
    constexpr std::size_t limit = 5;
    std::string body;
    curlback::easy easy;
    easy.set(CURLBACK_OPT_URL, argv[1]);
    easy.on_write([&](std::string_view data) {
      body += data.substr(0, limit - body.size());
      if (body.size() == limit) {
        throw too_long(body.size());
      }
    });
    easy.perform();
    std::cerr << "the body has only " << body.size() << " bytes\n";
  } catch (const too_long &caught) {
    std::cout << caught.what() << ": stopped after " << caught.bytes_taken << " bytes\n";
    return 0;
  } catch (const curlback::error &error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
  }
  return 1;
}
