/* Shows: a connection that a callback refuses, and the reason kept for whoever asked for it.
 *
 * Compile: cc -std=c99 refused_connection.c -lcurlback
 * Run:     ./a.out URL   (exits 0 if the refusal came back with its reason)
 */
#include "curlback.h"
#include <stdio.h>

enum { COULDNT_CONNECT = 7 /* libcurl's CURLE_COULDNT_CONNECT */ };

static curlback_socket refuse(curlback_easy *easy, int32_t purpose, const curlback_address *address,
                              void *user_data) {
  (void)purpose;
  (void)user_data;
  char reason[128];
  snprintf(reason, sizeof reason, "this program does not connect to %s, port %u",
           address->host != NULL ? address->host : "that", (unsigned)address->port);
  if (curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 1, reason, NULL, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
  }
  return CURLBACK_SOCKET_BAD;
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
  curlback_error error;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_on_open_socket(easy, refuse, NULL, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
  } else {
    curlback_result result = curlback_easy_perform(easy);
    if (curlback_easy_error(easy, &error) == CURLBACK_OK) {
      printf("%s: %s\n", curlback_result_name(result), error.message);
      status = result == COULDNT_CONNECT && error.callback == CURLBACK_CALLBACK_OPEN_SOCKET ? 0 : 1;
    }
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
