#include <curlback.hpp>

#include <iostream>

int main() {
  curlback::easy easy;
  std::cout << "curlback " << curlback_version() << ", " << curlback_libcurl_version() << '\n';
  return curlback_version_number() == CURLBACK_VERSION_NUMBER ? 0 : 1;
}
