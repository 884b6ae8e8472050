/* Shows: what libcurl says and sends and receives, through on_debug.
 * Registering the callback switches the option VERBOSE on.
 *
 * Compile: cc -std=c99 debug.c -lcurlback
 * Run:     ./a.out URL
 */
#include "curlback.h"
#include <stdio.h>

static const char *kind_name(int32_t kind) {
  switch (kind) {
  case CURLBACK_DEBUG_TEXT:
    return "TEXT";
  case CURLBACK_DEBUG_HEADER_IN:
    return "HEADER_IN";
  case CURLBACK_DEBUG_HEADER_OUT:
    return "HEADER_OUT";
  case CURLBACK_DEBUG_DATA_IN:
    return "DATA_IN";
  case CURLBACK_DEBUG_DATA_OUT:
    return "DATA_OUT";
  case CURLBACK_DEBUG_TLS_DATA_IN:
    return "TLS_DATA_IN";
  case CURLBACK_DEBUG_TLS_DATA_OUT:
    return "TLS_DATA_OUT";
  default:
    return "another kind";
  }
}

static void on_debug(curlback_easy *easy, int32_t kind, const uint8_t *data, size_t len,
                     void *user_data) {
  (void)easy;
  (void)user_data;
  printf("debug(%s, %zu bytes)", kind_name(kind), len);
  if (kind == CURLBACK_DEBUG_TEXT || kind == CURLBACK_DEBUG_HEADER_IN ||
      kind == CURLBACK_DEBUG_HEADER_OUT) {
    /* The text ends with its own line break, and with no NUL. */
    printf(": %.*s", (int)len, (const char *)data);
  } else {
    printf("\n");
  }
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
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_on_debug(easy, on_debug, NULL, NULL) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK ||
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
