/* Prints how many bytes one idle easy handle and one idle multi handle of libcurl's take. See
 * memory.h.
 */
#define _GNU_SOURCE
#include "memory.h"

#include <curl/curl.h>

static void *easy_new(void) {
  return curl_easy_init();
}

static void easy_close(void *easy) {
  curl_easy_cleanup(easy);
}

static void *multi_new(void) {
  return curl_multi_init();
}

static void multi_close(void *multi) {
  curl_multi_cleanup(multi);
}

int main(void) {
  if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) {
    return 1;
  }
  int status =
      memory_print("easy", easy_new, easy_close) || memory_print("multi", multi_new, multi_close);
  curl_global_cleanup();
  return status;
}
