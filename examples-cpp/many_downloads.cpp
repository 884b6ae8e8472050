/* Shows: many downloads at once on one thread, each with its own body and its own failure.
 *
 * Compile: c++ -std=c++17 many_downloads.cpp -lcurlback
 * Run:     ./a.out URL...   (exits 0 if all arrived)
 */
#include <curlback.hpp>

#include <iostream>

struct download {
  curlback::easy easy;
  std::string url;
  std::size_t bytes = 0;
};

int main(int argc, char **argv) {
  try {
    std::vector<std::unique_ptr<download>> downloads;
    curlback::multi multi;
    for (int index = 1; index < argc; ++index) {
      auto next = std::make_unique<download>();
      next->url = argv[index];
      next->easy.set(CURLBACK_OPT_URL, next->url);
      next->easy.on_write([own = next.get()](std::string_view data) { own->bytes += data.size(); });
      multi.add(next->easy);
      downloads.push_back(std::move(next));
    }

    int failed = 0;
    multi.on_done([&](curlback::easy_ref easy, curlback_result result) {
      for (const auto &one : downloads) {
        if (one->easy != easy) {
          continue;
        }
        try {
          easy.check(result);
          std::cout << one->url << ": " << one->bytes << " bytes\n";
        } catch (const std::exception &error) {
          ++failed;
          std::cout << one->url << ": " << error.what() << '\n';
        }
      }
    });
    multi.run();
    return failed == 0 ? 0 : 1;
  } catch (const curlback::error &error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
    return 1;
  }
}
