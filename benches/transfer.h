/* What transfer_curlback.c and transfer_libcurl.c have in common: their arguments, what they count,
 * what they print.
 *
 * Run: PROGRAM MODE COUNT [URL]
 *
 *   get COUNT URL        COUNT GETs on one handle, with a write callback
 *   callbacks COUNT URL  the same with header, write and xferinfo
 *   upload COUNT URL     a PUT of COUNT MiB, with a read callback
 *   handles COUNT URL    COUNT handles, one after another: made, ten options set, one GET, closed
 *   lookup COUNT         COUNT times an info of a handle
 *   threads COUNT        COUNT threads, each with a handle of its own: LOOKUPS times an info
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <pthread.h>

#define LOOKUPS 1000000

/* The callbacks of all transfers, and what went through those of the body. */
struct work {
  long count;
  const char *url;
  uint64_t callbacks;
  uint64_t bytes;
};

/* A way to work; false where something went wrong, which it has printed. */
struct mode {
  const char *name;
  bool (*run)(struct work *work);
};

static inline int64_t work_microseconds(struct timeval from, struct timeval to) {
  return (int64_t)(to.tv_sec - from.tv_sec) * 1000000 + (to.tv_usec - from.tv_usec);
}

/* Runs the mode that the arguments name; the process's exit status. */
static inline int work_run(const struct mode *modes, size_t count, int argc, char **argv) {
  struct work work = {argc > 2 ? atol(argv[2]) : 0, argc > 3 ? argv[3] : "", 0, 0};
  for (size_t i = 0; i < count && work.count > 0; i++) {
    if (strcmp(modes[i].name, argv[1]) != 0) {
      continue;
    }
    struct rusage before;
    struct rusage after;
    getrusage(RUSAGE_SELF, &before);
    if (!modes[i].run(&work)) {
      return 1;
    }
    getrusage(RUSAGE_SELF, &after);
    printf("callbacks %" PRIu64 " bytes %" PRIu64 " user_us %" PRId64 " sys_us %" PRId64 "\n",
           work.callbacks, work.bytes, work_microseconds(before.ru_utime, after.ru_utime),
           work_microseconds(before.ru_stime, after.ru_stime));
    return 0;
  }
  fprintf(stderr, "usage: %s MODE COUNT [URL]\n", argv[0]);
  return 1;
}

/* COUNT threads at once, each of which runs `body`. */
static inline bool work_threads(const struct work *work, void *(*body)(void *well)) {
  pthread_t threads[64];
  bool well[64] = {false};
  long started = 0;
  while (started < work->count && started < 64 &&
         pthread_create(&threads[started], NULL, body, &well[started]) == 0) {
    started++;
  }
  bool all = started == work->count;
  for (long i = 0; i < started; i++) {
    pthread_join(threads[i], NULL);
    all = all && well[i];
  }
  return all;
}

#endif
