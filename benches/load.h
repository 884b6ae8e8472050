/* What the three load programs have in common: their arguments, what they count, what they print.
 * Each includes this once.
 *
 * Run: PROGRAM TRANSFERS AT_ONCE URL   TRANSFERS GETs of the same URL, AT_ONCE of them at any time
 */
#ifndef LOAD_H
#define LOAD_H

#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* What the process holds of the system's. */
struct holdings {
  long rss_kib;
  int descriptors;
};

struct load {
  const char *url;
  int transfers;
  int at_once;
  int started;
  int done;
  int failed;
  /* Transfers that have received something and have not ended; the most there were. */
  int receiving;
  int most_receiving;
  uint64_t bytes;
  struct holdings start;
  struct rusage before;
  struct timespec began;
};

/* One transfer after another. */
struct transfer {
  struct load *load;
  uint64_t bytes;
};

static inline struct holdings load_holdings(void) {
  struct holdings now = {0, 0};
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file != NULL) {
    if (fscanf(file, "%*d %ld", &pages) != 1) {
      pages = 0;
    }
    fclose(file);
  }
  now.rss_kib = pages * (sysconf(_SC_PAGESIZE) / 1024);
  DIR *folder = opendir("/proc/self/fd");
  if (folder != NULL) {
    while (readdir(folder) != NULL) {
      now.descriptors++;
    }
    closedir(folder);
    now.descriptors -= 3; /* ".", ".." and the folder itself */
  }
  return now;
}

/* Reads the arguments, and lets the process have as many descriptors as it may. */
static inline bool load_read(struct load *load, int argc, char **argv) {
  *load = (struct load){0};
  if (argc == 4) {
    load->transfers = atoi(argv[1]);
    load->at_once = atoi(argv[2]);
    load->url = argv[3];
  }
  if (load->at_once < 1 || load->at_once > load->transfers) {
    fprintf(stderr, "usage: %s TRANSFERS AT_ONCE URL\n", argv[0]);
    return false;
  }
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return false;
  }
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* What comes after this is measured. */
static inline void load_begin(struct load *load) {
  load->start = load_holdings();
  getrusage(RUSAGE_SELF, &load->before);
  clock_gettime(CLOCK_MONOTONIC, &load->began);
}

static inline void load_received(struct transfer *transfer, size_t len) {
  struct load *load = transfer->load;
  if (transfer->bytes == 0 && len > 0 && ++load->receiving > load->most_receiving) {
    load->most_receiving = load->receiving;
  }
  transfer->bytes += len;
}

/* A transfer has ended; true if there is to be another one in its place. */
static inline bool load_ended(struct transfer *transfer, bool well) {
  struct load *load = transfer->load;
  load->done++;
  load->failed += well ? 0 : 1;
  load->receiving -= transfer->bytes > 0 ? 1 : 0;
  load->bytes += transfer->bytes;
  transfer->bytes = 0;
  if (load->started == load->transfers) {
    return false;
  }
  load->started++;
  return true;
}

static inline int64_t load_microseconds(struct timeval from, struct timeval to) {
  return (int64_t)(to.tv_sec - from.tv_sec) * 1000000 + (to.tv_usec - from.tv_usec);
}

/* All is closed. Prints what was counted, one line of names and numbers; the process's exit status.
 */
static inline int load_report(const struct load *load) {
  struct rusage now;
  struct timespec ended;
  getrusage(RUSAGE_SELF, &now);
  clock_gettime(CLOCK_MONOTONIC, &ended);
  malloc_trim(0);
  struct holdings end = load_holdings();
  printf("done %d failed %d bytes %" PRIu64 " most_receiving %d user_us %" PRId64 " sys_us %" PRId64
         " wall_us %" PRId64 " rss_start_kib %ld rss_most_kib %ld rss_end_kib %ld"
         " descriptors_start %d descriptors_end %d\n",
         load->done, load->failed, load->bytes, load->most_receiving,
         load_microseconds(load->before.ru_utime, now.ru_utime),
         load_microseconds(load->before.ru_stime, now.ru_stime),
         (int64_t)(ended.tv_sec - load->began.tv_sec) * 1000000 +
             (ended.tv_nsec - load->began.tv_nsec) / 1000,
         load->start.rss_kib, now.ru_maxrss, end.rss_kib, load->start.descriptors, end.descriptors);
  return load->done == load->transfers && load->failed == 0 ? 0 : 1;
}

#endif
