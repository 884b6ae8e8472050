/* What every C++ test program uses. */
#ifndef CHECK_HPP
#define CHECK_HPP

#include <curlback.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>

/* Ends the program with the line that failed. */
#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                 \
      std::fprintf(stderr, "latest error: %s\n", curlback_last_error());                           \
      std::exit(1);                                                                                \
    }                                                                                              \
  } while (0)

/* The call throws a curlback::error with this result; gives it out. */
template <class Call> curlback::error refused(curlback_result result, Call call) {
  try {
    call();
  } catch (const curlback::error &error) {
    if (error.result() != result) {
      std::fprintf(stderr, "%d was expected: %d %s\n", static_cast<int>(result),
                   static_cast<int>(error.result()), error.what());
      std::exit(1);
    }
    return error;
  }
  std::fprintf(stderr, "nothing was thrown where %d was expected\n", static_cast<int>(result));
  std::exit(1);
}

/* What the test was given, below this name; NULL where it was not. */
inline const char *given(const char *name) {
  return std::getenv(name);
}

inline std::string http(const char *path) {
  const char *base = given("HTTP");
  CHECK(base != nullptr);
  return std::string(base) + path;
}

/* Counts how many of its copies live. */
struct Counted {
  explicit Counted(int &live) : live_(&live) {
    ++*live_;
  }
  Counted(const Counted &other) : live_(other.live_) {
    ++*live_;
  }
  Counted &operator=(const Counted &) = delete;
  ~Counted() {
    --*live_;
  }

private:
  int *live_;
};

inline int done() {
  CHECK(curlback_live_handles() == 0);
  std::puts("ok");
  return 0;
}

#endif
