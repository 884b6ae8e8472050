/* Shows: how far a transfer has come, through on_xferinfo, and the totals at its end.
 * Registering the callback switches the option NOPROGRESS off.
 *
 * Compile: cc -std=c99 progress.c -lcurlback
 * Run:     ./a.out URL
 */
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>

struct progress {
  int64_t download_now;
  int64_t upload_now;
};

/* Called many times a second at most, and about once a second when nothing moves: print only what
 * is new. A total is 0 where it is not known. */
static int32_t on_xferinfo(curlback_easy *easy, int64_t download_total, int64_t download_now,
                           int64_t upload_total, int64_t upload_now, void *user_data) {
  struct progress *last = user_data;
  (void)easy;
  if (download_now != last->download_now || upload_now != last->upload_now) {
    printf("downloaded %" PRId64 " of %" PRId64 ", uploaded %" PRId64 " of %" PRId64 "\n",
           download_now, download_total, upload_now, upload_total);
    last->download_now = download_now;
    last->upload_now = upload_now;
  }
  return 0; /* anything else ends the transfer */
}

/* Leaves the body out: CURLBACK_ALL says that all of it was taken. */
static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)len;
  (void)user_data;
  return CURLBACK_ALL;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s URL\n", argv[0]);
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  int status = 0;
  struct progress last = {0, 0};
  int64_t downloaded = 0;
  int64_t uploaded = 0;
  int64_t microseconds = 0;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_on_xferinfo(easy, on_xferinfo, &last, NULL) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK ||
      curlback_easy_get_int(easy, CURLBACK_INFO_SIZE_DOWNLOAD_T, &downloaded) != CURLBACK_OK ||
      curlback_easy_get_int(easy, CURLBACK_INFO_SIZE_UPLOAD_T, &uploaded) != CURLBACK_OK ||
      curlback_easy_get_int(easy, CURLBACK_INFO_TOTAL_TIME_T, &microseconds) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  } else {
    printf("in all: downloaded %" PRId64 ", uploaded %" PRId64 ", in %" PRId64 " ms\n", downloaded,
           uploaded, microseconds / 1000);
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
