/* Preloaded, makes of any libcurl one that says it is 7.64.0. */
#include <stddef.h>

/* The beginning of curl_version_info_data, and room for the rest. */
static struct {
  int age;
  const char *version;
  unsigned version_number;
  void *rest[40];
} old = {0, "7.64.0", 0x074000, {NULL}};

void *curl_version_info(int age);

void *curl_version_info(int age) {
  (void)age;
  return &old;
}
