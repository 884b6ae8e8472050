/* What is measured: the same program as transfer_libcurl.c, on curlback.
 * NOSIGNAL and an error buffer are curlback's defaults; the other program sets them.
 *
 * Run: transfer_curlback download URL   one GET
 *      transfer_curlback small URL      1,000 GETs on one handle
 */
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  uint64_t *total = user_data;
  (void)easy;
  (void)data;
  *total += len;
  return (int64_t)len;
}

int main(int argc, char **argv) {
  int transfers = 0;
  if (argc == 3 && strcmp(argv[1], "download") == 0) {
    transfers = 1;
  } else if (argc == 3 && strcmp(argv[1], "small") == 0) {
    transfers = 1000;
  } else {
    fprintf(stderr, "usage: %s download|small URL\n", argv[0]);
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  uint64_t total = 0;
  int64_t code = 0;
  curlback_result result = curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[2]);
  if (result == CURLBACK_OK) {
    result = curlback_easy_on_write(easy, on_body, &total, NULL);
  }
  for (int i = 0; result == CURLBACK_OK && i < transfers; i++) {
    result = curlback_easy_perform(easy);
  }
  if (result == CURLBACK_OK) {
    result = curlback_easy_get_int(easy, CURLBACK_INFO_RESPONSE_CODE, &code);
  }

  int status = result == CURLBACK_OK && code == 200 ? 0 : 1;
  if (status == 0) {
    printf("%" PRIu64 "\n", total);
  } else if (result == CURLBACK_OK) {
    fprintf(stderr, "HTTP %" PRId64 "\n", code);
  } else {
    fprintf(stderr, "%s\n", curlback_last_error());
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
