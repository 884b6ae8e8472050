/* The version that the header states is the one that the library states. */
#include "check.h"
#include <string.h>

/* The macros must serve in the preprocessor too. */
#if CURLBACK_VERSION_NUMBER !=                                                                     \
    ((CURLBACK_VERSION_MAJOR << 16) | (CURLBACK_VERSION_MINOR << 8) | CURLBACK_VERSION_PATCH)
#error "CURLBACK_VERSION_NUMBER is not made of its three parts"
#endif

int main(void) {
  CHECK(curlback_version_number() == CURLBACK_VERSION_NUMBER);

  char text[32];
  snprintf(text, sizeof text, "%d.%d.%d", (int)CURLBACK_VERSION_MAJOR, (int)CURLBACK_VERSION_MINOR,
           (int)CURLBACK_VERSION_PATCH);
  CHECK(strcmp(curlback_version(), text) == 0);

  CHECK(strncmp(curlback_libcurl_version(), "libcurl/", 8) == 0);
  CHECK(curlback_libcurl_version_number() >= 0x075800); /* 7.88.0, the oldest supported */
  printf("ok\n");
  return 0;
}
