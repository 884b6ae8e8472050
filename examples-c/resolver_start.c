/* Shows: a callback before each name is resolved, and a limit to how many are: redirects from host
 * to host end there. Names that libcurl still knows are not asked for again.
 *
 * Compile: cc -std=c99 resolver_start.c -lcurlback
 * Run:     ./a.out URL LIMIT
 */
#include "curlback.h"
#include <stdio.h>
#include <stdlib.h>

struct names {
  long resolved;
  long limit;
};

static int32_t on_resolver_start(curlback_easy *easy, void *user_data) {
  struct names *names = user_data;
  if (names->resolved == names->limit) {
    curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 0, "this leads to too many hosts", NULL, NULL);
    return 1;
  }
  names->resolved++;
  fprintf(stderr, "resolving, %ld of %ld\n", names->resolved, names->limit);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s URL LIMIT\n", argv[0]);
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  int status = 0;
  struct names names = {0, strtol(argv[2], NULL, 10)};
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_FOLLOWLOCATION, 1) != CURLBACK_OK ||
      curlback_easy_on_resolver_start(easy, on_resolver_start, &names, NULL) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
