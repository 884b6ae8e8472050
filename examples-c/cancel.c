/* Shows: a transfer that is cancelled from another thread, a second after it began.
 *
 * Compile: cc -std=c99 cancel.c -lcurlback -pthread
 * Run:     ./a.out URL   (of something slow: exits 0 if it was cancelled)
 */
#define _POSIX_C_SOURCE 200809L
#include "curlback.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void *cancel_later(void *user_data) {
  curlback_easy *easy = user_data;
  struct timespec second = {1, 0};
  while (nanosleep(&second, &second) != 0) {
  }
  /* Also fine when the transfer has ended already. */
  if (curlback_easy_cancel(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
  }
  return NULL;
}

/* Leaves the body out: CURLBACK_ALL says that all of it was taken. */
static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)len;
  (void)user_data;
  return CURLBACK_ALL;
}

static int transfer(curlback_easy *easy, const char *url) {
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  pthread_t thread;
  int failed = pthread_create(&thread, NULL, cancel_later, easy);
  if (failed != 0) {
    fprintf(stderr, "no thread: %s\n", strerror(failed));
    return 1;
  }

  curlback_result result = curlback_easy_perform(easy);
  if (result == CURLBACK_E_CANCELLED) {
    printf("%s\n", curlback_result_name(result));
  } else if (result == CURLBACK_OK) {
    fprintf(stderr, "the transfer was over within a second\n");
  } else {
    fprintf(stderr, "%s\n", curlback_last_error());
  }
  pthread_join(thread, NULL); /* before the handle is closed: the thread uses it */
  return result == CURLBACK_E_CANCELLED ? 0 : 1;
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

  int status = transfer(easy, argv[1]);
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
