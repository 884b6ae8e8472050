/* Shows: a callback that fails and says why, and how the caller gets to know.
 * The callback gives a number, a sentence and a payload, here a small struct; in another language
 * the payload can be the exception itself.
 *
 * Compile: cc -std=c99 failing_callback.c -lcurlback
 * Run:     ./a.out URL   (exits 0 if the failure came back as it was raised)
 */
#include "curlback.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOO_MUCH = 7, WRITE_ERROR = 23 /* libcurl's CURLE_WRITE_ERROR */ };

static const char message[] = "this program takes no body at all";

struct reason {
  size_t offered;
};

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)data;
  (void)user_data;
  struct reason *reason = malloc(sizeof *reason);
  if (reason != NULL) {
    reason->offered = len;
  }
  /* From now on the payload is the library's: it calls free, unless somebody takes it. */
  if (curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, TOO_MUCH, message, reason, free) !=
      CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    free(reason);
  }
  return CURLBACK_ABORT;
}

/* Prints what came back; 0 if it is what the callback raised. */
static int check(curlback_easy *easy, curlback_result performed) {
  curlback_error error;
  if (curlback_easy_error(easy, &error) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  printf("perform returned %d %s\n", (int)performed, curlback_result_name(performed));
  printf("result:   %d %s\n", (int)error.result, curlback_result_name(error.result));
  printf("callback: %d%s\n", (int)error.callback,
         error.callback == CURLBACK_CALLBACK_WRITE ? " (on_write)" : "");
  printf("code:     %d\n", (int)error.code);
  printf("message:  %s\n", error.message);
  int as_raised = performed == WRITE_ERROR && error.result == WRITE_ERROR &&
                  error.callback == CURLBACK_CALLBACK_WRITE && error.code == TOO_MUCH &&
                  strcmp(error.message, message) == 0;

  struct reason *reason = curlback_easy_take_payload(easy);
  if (reason == NULL) {
    printf("payload:  none\n");
    return 1;
  }
  printf("payload:  %zu bytes were offered\n", reason->offered);
  free(reason);
  return as_raised ? 0 : 1;
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

  int status = 1;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
  } else {
    status = check(easy, curlback_easy_perform(easy));
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
