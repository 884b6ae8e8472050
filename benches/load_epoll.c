/* Many transfers on libcurl itself, with epoll and curl_multi_socket_action(). See load.h.
 */
#define _GNU_SOURCE
#include "load_libcurl.h"

#include <errno.h>
#include <sys/epoll.h>

#define EVENTS 256

struct loop {
  const struct load *load;
  CURLM *multi;
  int epoll;
  bool armed;
  struct timespec deadline;
};

/* What is known of a socket, kept with curl_multi_assign(). */
struct watched {
  bool added;
};

static int on_socket(CURL *curl, curl_socket_t socket, int what, void *user_data, void *assigned) {
  struct loop *loop = user_data;
  struct watched *watched = assigned;
  (void)curl;
  if (what == CURL_POLL_REMOVE) {
    if (watched != NULL) {
      epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
      free(watched);
    }
    return 0;
  }
  struct epoll_event event = {0, {0}};
  event.events =
      (uint32_t)((what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0));
  event.data.fd = socket;
  if (watched == NULL) {
    watched = calloc(1, sizeof *watched);
    if (watched == NULL) {
      return -1;
    }
    curl_multi_assign(loop->multi, socket, watched);
  }
  int operation = watched->added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  watched->added = true;
  return epoll_ctl(loop->epoll, operation, socket, &event);
}

static int on_timer(CURLM *multi, long timeout_ms, void *user_data) {
  struct loop *loop = user_data;
  (void)multi;
  loop->armed = timeout_ms >= 0;
  if (loop->armed) {
    clock_gettime(CLOCK_MONOTONIC, &loop->deadline);
    loop->deadline.tv_sec += timeout_ms / 1000;
    loop->deadline.tv_nsec += timeout_ms % 1000 * 1000000;
    if (loop->deadline.tv_nsec >= 1000000000) {
      loop->deadline.tv_nsec -= 1000000000;
      loop->deadline.tv_sec++;
    }
  }
  return 0;
}

/* The milliseconds that are left until the deadline, rounded up; -1 where there is none. */
static int left(const struct loop *loop) {
  if (!loop->armed) {
    return -1;
  }
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t nanoseconds = (int64_t)(loop->deadline.tv_sec - now.tv_sec) * 1000000000 +
                        (loop->deadline.tv_nsec - now.tv_nsec);
  return nanoseconds > 0 ? (int)((nanoseconds + 999999) / 1000000) : 0;
}

static int run(struct loop *loop) {
  struct epoll_event events[EVENTS];
  int running = 0; /* not those that downloads_check() has begun since */
  while (loop->load->done < loop->load->transfers) {
    int count = epoll_wait(loop->epoll, events, EVENTS, left(loop));
    if (count < 0 && errno != EINTR) {
      return 1;
    }
    for (int i = 0; i < count; i++) {
      uint32_t happened = events[i].events;
      int action = (happened & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0) |
                   (happened & EPOLLOUT ? CURL_CSELECT_OUT : 0);
      if (curl_multi_socket_action(loop->multi, events[i].data.fd, action, &running) != CURLM_OK) {
        return 1;
      }
      downloads_check(loop->multi);
    }
    if (left(loop) == 0) {
      loop->armed = false;
      if (curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running) != CURLM_OK) {
        return 1;
      }
      downloads_check(loop->multi);
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  struct load load;
  if (!load_read(&load, argc, argv) || curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) {
    return 1;
  }
  load_begin(&load);

  struct loop loop = {&load, curl_multi_init(), epoll_create1(EPOLL_CLOEXEC), false, {0, 0}};
  if (loop.multi == NULL || loop.epoll < 0) {
    return 1;
  }
  curl_multi_setopt(loop.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(loop.multi, CURLMOPT_SOCKETDATA, &loop);
  curl_multi_setopt(loop.multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(loop.multi, CURLMOPT_TIMERDATA, &loop);
  struct download *downloads = downloads_begin(&load, loop.multi);
  if (downloads == NULL || load.failed > 0 || run(&loop) != 0) {
    load.failed++;
  }
  downloads_end(&load, downloads);
  curl_multi_cleanup(loop.multi);
  close(loop.epoll);
  int status = load_report(&load);
  curl_global_cleanup();
  return status;
}
