/* Prints how many bytes one idle easy handle and one idle multi handle of curlback's take. See
 * memory.h.
 */
#define _GNU_SOURCE
#include "memory.h"

#include "curlback.h"

static void *easy_new(void) {
  return curlback_easy_new();
}

static void easy_close(void *easy) {
  curlback_easy_close(easy);
}

static void *multi_new(void) {
  return curlback_multi_new();
}

static void multi_close(void *multi) {
  curlback_multi_close(multi);
}

int main(void) {
  if (curlback_init() != CURLBACK_OK) {
    return 1;
  }
  return memory_print("easy", easy_new, easy_close) ||
         memory_print("multi", multi_new, multi_close);
}
