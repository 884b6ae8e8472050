/* Shows: two callbacks, one for the header lines of the answer and one for its body.
 * Header lines go to standard error, the body goes to standard output.
 *
 * Compile: cc -std=c99 headers_and_body.c -lcurlback
 * Run:     ./a.out URL
 */
#include "curlback.h"
#include <stdio.h>

/* Called with each complete header line, "\r\n" at its end included. */
static int64_t on_header(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)user_data;
  return (int64_t)fwrite(data, 1, len, stderr); /* fewer than len: the transfer fails */
}

/* Called with each piece of the body as it arrives. */
static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)user_data;
  return (int64_t)fwrite(data, 1, len, stdout);
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
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_on_header(easy, on_header, NULL, NULL) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  if (fflush(stdout) != 0) {
    perror("standard output");
    status = 1;
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
