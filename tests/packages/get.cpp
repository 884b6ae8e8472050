#include <curlback.hpp>

#include <iostream>

int main(int argc, char **argv) {
  try {
    curlback::easy easy;
    easy.set(CURLBACK_OPT_URL, argc > 1 ? argv[1] : "");
    easy.on_write([](std::string_view data) { std::cout << data; });
    easy.perform();
    std::cout << curlback_libcurl_linkage() << '\n';
    return 0;
  } catch (const curlback::error &error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
