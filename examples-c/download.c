/* Shows: a body that goes straight to a file, and that it goes to one place only: while the file
 * is set, a callback for the body is refused.
 *
 * Compile: cc -std=c99 download.c -lcurlback
 * Run:     ./a.out URL FILE
 */
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)len;
  (void)user_data;
  return CURLBACK_ALL;
}

static int download(curlback_easy *easy, const char *url, FILE *file) {
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
      curlback_easy_body_to_file(easy, file) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  if (curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_E_EXCLUSIVE) {
    fprintf(stderr, "a callback and a file were taken together\n");
    return 1;
  }
  printf("refused, as it should be: %s\n", curlback_last_error());

  int64_t bytes = 0;
  if (curlback_easy_perform(easy) != CURLBACK_OK ||
      curlback_easy_get_int(easy, CURLBACK_INFO_SIZE_DOWNLOAD_T, &bytes) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  printf("downloaded %" PRId64 " bytes\n", bytes);

  /* The file is let go of: now the callback is welcome. */
  if (curlback_easy_clear_body(easy) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  printf("accepted, once the file was cleared\n");
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s URL FILE\n", argv[0]);
    return 1;
  }

  FILE *file = fopen(argv[2], "wb");
  if (file == NULL) {
    perror(argv[2]);
    return 1;
  }
  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    fclose(file);
    return 1;
  }

  int status = download(easy, argv[1], file);
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  /* The file stays the caller's; what is still buffered is written now. */
  if (fclose(file) != 0) {
    perror(argv[2]);
    status = 1;
  }
  return status;
}
