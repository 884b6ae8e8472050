/* Shows: transfers in libuv's loop. Each socket has a uv_poll_t, which is kept with
 * curlback_multi_assign(); on_timer sets a uv_timer_t.
 *
 * Compile: cc -std=c99 libuv.c -lcurlback -luv
 * Run:     ./a.out URL...
 */
#define _GNU_SOURCE
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

struct program {
  curlback_multi *multi;
  uv_loop_t loop;
  uv_timer_t timer;
  int running;
  int failed;
};

/* One of the calls that drive the transfers has returned. */
static void check(struct program *program, curlback_result result) {
  if (result != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    program->failed = 1;
    uv_stop(&program->loop);
  }
}

static void when_time_has_come(uv_timer_t *timer) {
  struct program *program = timer->data;
  check(program, curlback_multi_socket_action(program->multi, CURLBACK_SOCKET_TIMEOUT, 0, NULL));
}

static int32_t on_timer(curlback_multi *multi, int64_t timeout_ms, void *user_data) {
  struct program *program = user_data;
  (void)multi;
  if (timeout_ms < 0) {
    return uv_timer_stop(&program->timer) == 0 ? 0 : -1;
  }
  uint64_t wait = (uint64_t)timeout_ms;
  return uv_timer_start(&program->timer, when_time_has_come, wait, 0) == 0 ? 0 : -1;
}

static void when_something_happened(uv_poll_t *poll, int status, int events) {
  struct program *program = poll->loop->data;
  uv_os_fd_t fd;
  if (uv_fileno((uv_handle_t *)poll, &fd) != 0) {
    return;
  }
  int32_t happened = status < 0 ? CURLBACK_SELECT_ERR : 0;
  happened |= events & UV_READABLE ? CURLBACK_SELECT_IN : 0;
  happened |= events & UV_WRITABLE ? CURLBACK_SELECT_OUT : 0;
  check(program, curlback_multi_socket_action(program->multi, fd, happened, NULL));
}

static void when_closed(uv_handle_t *poll) {
  free(poll);
}

static int32_t on_socket(curlback_multi *multi, curlback_easy *easy, curlback_socket socket,
                         int32_t what, void *socket_data, void *user_data) {
  struct program *program = user_data;
  uv_poll_t *poll = socket_data;
  (void)easy;
  if (what == CURLBACK_POLL_REMOVE) {
    /* Now: it is closed next, and its number may soon be another's. */
    if (poll != NULL) {
      uv_close((uv_handle_t *)poll, when_closed);
    }
    return 0;
  }
  if (poll == NULL) {
    poll = malloc(sizeof *poll);
    if (poll == NULL) {
      return -1; /* ends all transfers */
    }
    if (uv_poll_init_socket(&program->loop, poll, (uv_os_sock_t)socket) != 0) {
      free(poll);
      return -1;
    }
    if (curlback_multi_assign(multi, socket, poll, NULL) != CURLBACK_OK) {
      uv_close((uv_handle_t *)poll, when_closed);
      return -1;
    }
  }
  int events =
      (what & CURLBACK_POLL_IN ? UV_READABLE : 0) | (what & CURLBACK_POLL_OUT ? UV_WRITABLE : 0);
  if (events == 0) {
    return uv_poll_stop(poll) == 0 ? 0 : -1;
  }
  return uv_poll_start(poll, events, when_something_happened) == 0 ? 0 : -1;
}

static void on_done(curlback_multi *multi, curlback_easy *easy, curlback_result result,
                    void *user_data) {
  struct program *program = user_data;
  const char *url = curlback_easy_private(easy);
  int64_t bytes = 0;
  (void)multi;
  if (result == CURLBACK_OK &&
      curlback_easy_get_int(easy, CURLBACK_INFO_SIZE_DOWNLOAD_T, &bytes) == CURLBACK_OK) {
    printf("%s: %" PRId64 " bytes\n", url, bytes);
  } else {
    fprintf(stderr, "%s: %s\n", url, curlback_strerror(result));
    program->failed = 1;
  }
  curlback_easy_close(easy);
  if (--program->running == 0) {
    /* Connections that are kept for others would keep the loop going. */
    uv_stop(&program->loop);
  }
}

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)len;
  (void)user_data;
  return CURLBACK_ALL;
}

static void begin(struct program *program, char *url) {
  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL || curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
      curlback_easy_set_private(easy, url, NULL) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK ||
      curlback_multi_add(program->multi, easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    curlback_easy_close(easy);
    program->failed = 1;
    return;
  }
  program->running++;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s URL...\n", argv[0]);
    return 1;
  }

  struct program program = {.multi = curlback_multi_new()};
  if (program.multi == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  if (uv_loop_init(&program.loop) != 0 || uv_timer_init(&program.loop, &program.timer) != 0) {
    fprintf(stderr, "there is no loop\n");
    curlback_multi_close(program.multi);
    return 1;
  }
  program.loop.data = &program;
  program.timer.data = &program;

  /* Before the first transfer: what libcurl has said once it does not say again. */
  if (curlback_multi_on_socket(program.multi, on_socket, &program, NULL) != CURLBACK_OK ||
      curlback_multi_on_timer(program.multi, on_timer, &program, NULL) != CURLBACK_OK ||
      curlback_multi_on_done(program.multi, on_done, &program, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    program.failed = 1;
  }
  for (int i = 1; i < argc; i++) {
    begin(&program, argv[i]);
  }
  if (program.running > 0) {
    uv_run(&program.loop, UV_RUN_DEFAULT);
  }

  /* What this closes is gone once the loop has run again. */
  curlback_multi_close(program.multi);
  uv_close((uv_handle_t *)&program.timer, NULL);
  uv_run(&program.loop, UV_RUN_DEFAULT);
  if (uv_loop_close(&program.loop) != 0 || curlback_live_handles() != 0) {
    fprintf(stderr, "something was left open\n");
    program.failed = 1;
  }
  return program.failed;
}
