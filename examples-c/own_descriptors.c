/* Shows: curlback_multi_poll() that waits for descriptors of the program's own as well. Each line
 * of the standard input is another URL to get while the others go on.
 *
 * Compile: cc -std=c99 own_descriptors.c -lcurlback
 * Run:     ./a.out URL...   (and type more of them; the end of the input ends the program)
 */
#define _POSIX_C_SOURCE 200809L
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST 1000

struct input {
  char line[LONGEST];
  size_t len;
  int ended;
};

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)len;
  (void)user_data;
  return CURLBACK_ALL;
}

static int begin(curlback_multi *multi, const char *url) {
  curlback_easy *easy = curlback_easy_new();
  char *copy = strdup(url);
  /* The copy is the handle's from here on: free() is called with it when the handle closes. */
  if (easy == NULL || copy == NULL || curlback_easy_set_private(easy, copy, free) != CURLBACK_OK) {
    free(copy);
    curlback_easy_close(easy);
    return 1;
  }
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK ||
      curlback_multi_add(multi, easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    curlback_easy_close(easy);
    return 1;
  }
  return 0;
}

/* What there is of the input; each line that is complete begins a transfer. */
static int read_input(curlback_multi *multi, struct input *input) {
  ssize_t got = read(STDIN_FILENO, input->line + input->len, sizeof input->line - 1 - input->len);
  if (got <= 0) {
    input->ended = 1;
    return got < 0;
  }
  input->len += (size_t)got;
  input->line[input->len] = '\0';
  int status = 0;
  char *start = input->line;
  for (char *end; (end = strchr(start, '\n')) != NULL; start = end + 1) {
    *end = '\0';
    if (end != start) {
      status |= begin(multi, start);
    }
  }
  input->len = strlen(start);
  memmove(input->line, start, input->len + 1);
  if (input->len == sizeof input->line - 1) {
    fprintf(stderr, "a line is too long\n");
    return 1;
  }
  return status;
}

/* Without on_done: what has ended is asked for. */
static int report(curlback_multi *multi) {
  int status = 0;
  curlback_easy *easy;
  curlback_result result;
  while (curlback_multi_next_done(multi, &easy, &result)) {
    const char *url = curlback_easy_private(easy);
    int64_t bytes = 0;
    if (result == CURLBACK_OK &&
        curlback_easy_get_int(easy, CURLBACK_INFO_SIZE_DOWNLOAD_T, &bytes) == CURLBACK_OK) {
      printf("%s: %" PRId64 " bytes\n", url, bytes);
    } else {
      fprintf(stderr, "%s: %s\n", url, curlback_strerror(result));
      status = 1;
    }
    curlback_easy_close(easy);
  }
  return status;
}

static int run(curlback_multi *multi) {
  struct input input = {"", 0, 0};
  int status = 0;
  int32_t running = 1;
  while (running > 0 || !input.ended) {
    curlback_wait_fd own = {STDIN_FILENO, CURLBACK_WAIT_IN, 0};
    if (curlback_multi_perform(multi, &running) != CURLBACK_OK) {
      fprintf(stderr, "%s\n", curlback_last_error());
      return 1;
    }
    status |= report(multi);
    if (running == 0 && input.ended) {
      break;
    }
    /* A minute is only the longest that it waits at a time. */
    if (curlback_multi_poll(multi, &own, input.ended ? 0 : 1, 60000, NULL) != CURLBACK_OK) {
      fprintf(stderr, "%s\n", curlback_last_error());
      return 1;
    }
    if (!input.ended && own.revents != 0) {
      status |= read_input(multi, &input);
      running = 1;
    }
  }
  return status;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s URL...\n", argv[0]);
    return 1;
  }

  curlback_multi *multi = curlback_multi_new();
  if (multi == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  int status = 0;
  for (int i = 1; i < argc; i++) {
    status |= begin(multi, argv[i]);
  }
  status |= run(multi);
  curlback_multi_close(multi);
  if (curlback_live_handles() != 0) {
    fprintf(stderr, "%zu handles were left open\n", curlback_live_handles());
    status = 1;
  }
  return status;
}
