/* Shows: the connection that each request goes over, before the request is sent, and a callback
 * that refuses one: a redirect to another port is not followed there.
 *
 * Compile: cc -std=c99 prereq.c -lcurlback
 * Run:     ./a.out URL
 */
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>

/* The port of the first request; 0 before it. */
struct first {
  int32_t port;
};

static int32_t on_prereq(curlback_easy *easy, const char *primary_ip, const char *local_ip,
                         int32_t primary_port, int32_t local_port, void *user_data) {
  struct first *first = user_data;
  printf("from %s port %" PRId32 " to %s port %" PRId32 "\n", local_ip, local_port, primary_ip,
         primary_port);
  if (first->port != 0 && first->port != primary_port) {
    curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 0, "not to another port", NULL, NULL);
    return CURLBACK_PREREQ_ABORT;
  }
  first->port = primary_port;
  return CURLBACK_PREREQ_OK;
}

static int fetch(curlback_easy *easy, const char *url, struct first *first) {
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_FOLLOWLOCATION, 1) != CURLBACK_OK ||
      curlback_easy_on_prereq(easy, on_prereq, first, NULL) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  struct first first = {0};
  if (argc != 2) {
    fprintf(stderr, "usage: %s URL\n", argv[0]);
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  int status = fetch(easy, argv[1], &first);
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
