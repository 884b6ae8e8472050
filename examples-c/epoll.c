/* Shows: transfers in an event loop of the program's own, with epoll and a timerfd. on_socket says
 * what to wait for, on_timer until when, and curlback_multi_socket_action() is told what happened.
 * What belongs to a socket is kept with curlback_multi_assign().
 *
 * Compile: cc -std=c99 epoll.c -lcurlback   (Linux)
 * Run:     ./a.out URL...
 */
#define _GNU_SOURCE
#include "curlback.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define EVENTS 64

struct loop {
  curlback_multi *multi;
  int epoll;
  int timer;
  int running;
  int failed;
};

/* What the loop knows of a socket: here only that it is in there. A server would have its name. */
struct watched {
  int fd;
};

static int32_t on_socket(curlback_multi *multi, curlback_easy *easy, curlback_socket socket,
                         int32_t what, void *socket_data, void *user_data) {
  struct loop *loop = user_data;
  struct watched *watched = socket_data;
  (void)easy;
  if (what == CURLBACK_POLL_REMOVE) {
    /* Now: it is closed next, and its number may soon be another's. What is assigned is freed by
     * its drop function, as soon as no callback is running. */
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, (int)socket, NULL);
    return 0;
  }

  struct epoll_event event = {0, {0}};
  event.events = (what & CURLBACK_POLL_IN ? (uint32_t)EPOLLIN : 0) |
                 (what & CURLBACK_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
  event.data.fd = (int)socket;
  if (watched != NULL) {
    return epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watched->fd, &event);
  }

  watched = malloc(sizeof *watched);
  if (watched == NULL) {
    return -1; /* ends all transfers */
  }
  watched->fd = (int)socket;
  if (curlback_multi_assign(multi, socket, watched, free) != CURLBACK_OK) {
    free(watched);
    return -1;
  }
  return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watched->fd, &event);
}

static int32_t on_timer(curlback_multi *multi, int64_t timeout_ms, void *user_data) {
  struct loop *loop = user_data;
  struct itimerspec when = {{0, 0}, {0, 0}};
  (void)multi;
  if (timeout_ms >= 0) {
    /* All zero would switch the timer off; "at once" is a nanosecond from now. */
    when.it_value.tv_sec = timeout_ms / 1000;
    when.it_value.tv_nsec = timeout_ms > 0 ? timeout_ms % 1000 * 1000000 : 1;
  }
  return timerfd_settime(loop->timer, 0, &when, NULL);
}

static void on_done(curlback_multi *multi, curlback_easy *easy, curlback_result result,
                    void *user_data) {
  struct loop *loop = user_data;
  const char *url = curlback_easy_private(easy);
  int64_t bytes = 0;
  int64_t code = 0;
  (void)multi;
  loop->running--;
  if (result == CURLBACK_OK &&
      curlback_easy_get_int(easy, CURLBACK_INFO_SIZE_DOWNLOAD_T, &bytes) == CURLBACK_OK &&
      curlback_easy_get_int(easy, CURLBACK_INFO_RESPONSE_CODE, &code) == CURLBACK_OK) {
    printf("%s: %" PRId64 " bytes, status %" PRId64 "\n", url, bytes, code);
  } else {
    fprintf(stderr, "%s: %s\n", url, curlback_strerror(result));
    loop->failed = 1;
  }
  /* Closing it takes it out of the multi handle; its connection stays there for others. */
  curlback_easy_close(easy);
}

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)len;
  (void)user_data;
  return CURLBACK_ALL;
}

static int begin(struct loop *loop, char *url) {
  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL || curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
      curlback_easy_set_private(easy, url, NULL) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK ||
      curlback_multi_add(loop->multi, easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    curlback_easy_close(easy);
    return 1;
  }
  loop->running++;
  return 0;
}

static curlback_result handle(struct loop *loop, const struct epoll_event *event) {
  if (event->data.fd == loop->timer) {
    uint64_t times;
    if (read(loop->timer, &times, sizeof times) != (ssize_t)sizeof times) {
      return CURLBACK_OK; /* it has been set anew meanwhile */
    }
    return curlback_multi_socket_action(loop->multi, CURLBACK_SOCKET_TIMEOUT, 0, NULL);
  }
  int32_t happened = 0;
  happened |= event->events & EPOLLIN ? CURLBACK_SELECT_IN : 0;
  happened |= event->events & EPOLLOUT ? CURLBACK_SELECT_OUT : 0;
  happened |= event->events & (EPOLLERR | EPOLLHUP) ? CURLBACK_SELECT_ERR : 0;
  /* A socket that an earlier event of the same wait has closed is ignored. */
  return curlback_multi_socket_action(loop->multi, event->data.fd, happened, NULL);
}

static int run(struct loop *loop) {
  struct epoll_event events[EVENTS];
  while (loop->running > 0) {
    int count = epoll_wait(loop->epoll, events, EVENTS, -1);
    if (count < 0 && errno != EINTR) {
      perror("epoll_wait");
      return 1;
    }
    for (int i = 0; i < count; i++) {
      if (handle(loop, &events[i]) != CURLBACK_OK) {
        fprintf(stderr, "%s\n", curlback_last_error());
        return 1;
      }
    }
  }
  return loop->failed;
}

static int transfer(struct loop *loop, char **urls, int count) {
  struct epoll_event event = {EPOLLIN, {0}};
  event.data.fd = loop->timer;
  if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->timer, &event) != 0) {
    perror("epoll_ctl");
    return 1;
  }
  /* Before the first transfer: what libcurl has said once it does not say again. */
  if (curlback_multi_on_socket(loop->multi, on_socket, loop, NULL) != CURLBACK_OK ||
      curlback_multi_on_timer(loop->multi, on_timer, loop, NULL) != CURLBACK_OK ||
      curlback_multi_on_done(loop->multi, on_done, loop, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  int status = 0;
  for (int i = 0; i < count; i++) {
    status |= begin(loop, urls[i]);
  }
  return run(loop) | status;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s URL...\n", argv[0]);
    return 1;
  }

  struct loop loop = {curlback_multi_new(), epoll_create1(EPOLL_CLOEXEC),
                      timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), 0, 0};
  int status = 1;
  if (loop.multi == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
  } else if (loop.epoll < 0 || loop.timer < 0) {
    perror("epoll");
  } else {
    status = transfer(&loop, argv + 1, argc - 1);
  }

  /* The multi handle first: the connections that it closes are taken out of the loop. */
  curlback_multi_close(loop.multi);
  if (loop.timer >= 0) {
    close(loop.timer);
  }
  if (loop.epoll >= 0) {
    close(loop.epoll);
  }
  if (curlback_live_handles() != 0) {
    fprintf(stderr, "%zu handles were left open\n", curlback_live_handles());
    status = 1;
  }
  return status;
}
