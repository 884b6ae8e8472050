/* Shows: on_progress, the former way to follow a transfer, with amounts as floating-point numbers,
 * and a callback that ends a transfer that grows too large. libcurl has deprecated it in favour of
 * on_xferinfo, as in progress.c, and calls that one alone where both are set.
 *
 * Compile: cc -std=c99 old_progress.c -lcurlback
 * Run:     ./a.out URL LIMIT
 */
#include "curlback.h"
#include <stdio.h>
#include <stdlib.h>

static int32_t on_progress(curlback_easy *easy, double download_total, double download_now,
                           double upload_total, double upload_now, void *user_data) {
  const double *limit = user_data;
  (void)upload_total;
  (void)upload_now;
  if (download_now > *limit || download_total > *limit) {
    char reason[80];
    snprintf(reason, sizeof reason, "%.0f bytes are more than %.0f",
             download_total > download_now ? download_total : download_now, *limit);
    curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 0, reason, NULL, NULL);
    return 1;
  }
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
  double limit = strtod(argv[2], NULL);
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_on_progress(easy, on_progress, &limit, NULL) != CURLBACK_OK ||
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
