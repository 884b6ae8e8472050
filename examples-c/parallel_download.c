/* Shows: a downloader. All files come at once, at most two from one host, each with a line that
 * shows how far it is. What is not complete is kept as FILE.part, and is gone on with the next
 * time. Ctrl-C cancels what is under way and keeps what has come.
 *
 * Compile: cc -std=c99 parallel_download.c -lcurlback -pthread
 * Run:     ./a.out DIRECTORY URL...   (exits with 130 after Ctrl-C)
 */
#define _POSIX_C_SOURCE 200809L
#include "curlback.h"
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define FROM_ONE_HOST 2
#define LONGEST 4096
#define DRAW_EACH_MS 100

enum state { WAITING, LOADING, DONE, FAILED, CANCELLED };

struct download {
  struct downloads *all;
  const char *url;
  const char *name; /* within path */
  char path[LONGEST];
  char part[LONGEST + 8];
  FILE *file;
  curlback_easy *easy;
  enum state state;
  /* What had come before, and whether the server goes on from there. */
  int64_t before;
  int is_begun;
  int64_t status;
  int64_t have;
  int64_t size; /* 0 where it is not known */
  int64_t bytes_a_second;
  char reason[256];
};

struct downloads {
  struct download *list;
  int count;
  int failed;
  int is_terminal;
  int lines; /* how many are on the terminal */
  struct timespec drawn;
};

/* Drawing. */

static void print_size(int64_t bytes) {
  const char *units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double size = (double)bytes;
  int unit = 0;
  for (; size >= 1024 && unit < 4; unit++) {
    size /= 1024;
  }
  printf(unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

static void print_bar(const struct download *download) {
  int filled = download->size > 0 ? (int)(20 * download->have / download->size) : 0;
  printf("[");
  for (int i = 0; i < 20; i++) {
    putchar(i < filled ? '#' : '.');
  }
  printf("] ");
}

static void print_line(const struct download *download) {
  printf("%-24.24s ", download->name);
  switch (download->state) {
  case WAITING:
    printf("waiting");
    break;
  case LOADING:
    print_bar(download);
    print_size(download->have);
    if (download->size > 0) {
      printf(" of ");
      print_size(download->size);
    }
    printf(", ");
    print_size(download->bytes_a_second);
    printf("/s");
    break;
  case DONE:
    printf("done: ");
    print_size(download->have);
    if (download->before > 0) {
      printf(", ");
      print_size(download->before);
      printf(" of it before");
    }
    break;
  case FAILED:
    printf("failed: %s", download->reason);
    break;
  case CANCELLED:
    printf("cancelled, ");
    print_size(download->have);
    printf(" kept");
    break;
  }
}

/* One line for each file, over those that were drawn before. */
static void draw(struct downloads *all, int at_once) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long passed =
      (long)(now.tv_sec - all->drawn.tv_sec) * 1000 + (now.tv_nsec - all->drawn.tv_nsec) / 1000000;
  if (!all->is_terminal || (!at_once && passed < DRAW_EACH_MS)) {
    return;
  }
  all->drawn = now;
  if (all->lines > 0) {
    printf("\033[%dA", all->lines);
  }
  for (int i = 0; i < all->count; i++) {
    print_line(&all->list[i]);
    printf("\033[K\n");
  }
  all->lines = all->count;
  fflush(stdout);
}

/* It is over. Where nobody watches a terminal this is the only line of it. */
static void end(struct download *download, enum state state) {
  download->state = state;
  download->all->failed |= state != DONE;
  if (!download->all->is_terminal) {
    print_line(download);
    putchar('\n');
    fflush(stdout);
  }
  draw(download->all, 1);
}

static void fail(struct download *download, const char *reason) {
  snprintf(download->reason, sizeof download->reason, "%s", reason);
  end(download, FAILED);
}

/* What the transfers call. */

/* The server's answer is there: says whether the body is what was asked for. */
static int begin_body(struct download *download, curlback_easy *easy) {
  int64_t length = 0;
  download->is_begun = 1;
  curlback_easy_get_int(easy, CURLBACK_INFO_RESPONSE_CODE, &download->status);
  curlback_easy_get_int(easy, CURLBACK_INFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (download->status >= 400) {
    return 1; /* an error page: it is read and thrown away */
  }
  if (download->status == 200 && download->before > 0) {
    /* It has no ranges and sends all of it once more. */
    download->before = 0;
    download->have = 0;
    if (fflush(download->file) != 0 || ftruncate(fileno(download->file), 0) != 0) {
      return 0;
    }
  }
  download->size = length > 0 ? download->before + length : 0;
  return 1;
}

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  struct download *download = user_data;
  if (!download->is_begun && !begin_body(download, easy)) {
    curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, errno, strerror(errno), NULL, NULL);
    return CURLBACK_ABORT;
  }
  if (download->status >= 400) {
    return CURLBACK_ALL;
  }
  if (fwrite(data, 1, len, download->file) != len) {
    curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, errno, strerror(errno), NULL, NULL);
    return CURLBACK_ABORT;
  }
  download->have += (int64_t)len;
  download->state = LOADING;
  return CURLBACK_ALL;
}

/* The answer to a range that there is not says how long the file is. */
static int64_t on_header(curlback_easy *easy, const uint8_t *line, size_t len, void *user_data) {
  const char *unsatisfied = "content-range: bytes */";
  struct download *download = user_data;
  size_t start = strlen(unsatisfied);
  (void)easy;
  if (len > start && strncasecmp((const char *)line, unsatisfied, start) == 0) {
    download->size = 0;
    for (size_t i = start; i < len && line[i] >= '0' && line[i] <= '9'; i++) {
      download->size = 10 * download->size + (line[i] - '0');
    }
  }
  return CURLBACK_ALL;
}

/* Called several times a second, also where nothing arrives. */
static int32_t on_xferinfo(curlback_easy *easy, int64_t download_total, int64_t download_now,
                           int64_t upload_total, int64_t upload_now, void *user_data) {
  struct download *download = user_data;
  (void)download_total;
  (void)download_now;
  (void)upload_total;
  (void)upload_now;
  curlback_easy_get_int(easy, CURLBACK_INFO_SPEED_DOWNLOAD_T, &download->bytes_a_second);
  draw(download->all, 0);
  return 0;
}

/* All of it has come; it gets its name. */
static void complete(struct download *download) {
  if (rename(download->part, download->path) != 0) {
    fail(download, strerror(errno));
  } else {
    end(download, DONE);
  }
}

static void on_done(curlback_multi *multi, curlback_easy *easy, curlback_result result,
                    void *user_data) {
  struct download *download = curlback_easy_private(easy);
  curlback_error error;
  (void)multi;
  (void)user_data;
  if (!download->is_begun) {
    curlback_easy_get_int(easy, CURLBACK_INFO_RESPONSE_CODE, &download->status);
  }
  int unwritten = fclose(download->file) != 0;
  download->file = NULL;
  if (result == CURLBACK_E_CANCELLED) {
    end(download, CANCELLED);
  } else if (result != CURLBACK_OK && curlback_easy_error(easy, &error) == CURLBACK_OK) {
    fail(download, error.message[0] != '\0' ? error.message : error.curl_message);
  } else if (unwritten) {
    fail(download, strerror(errno));
  } else if (download->status == 416 && download->before == download->size) {
    complete(download); /* there is nothing after what had come before */
  } else if (download->status >= 400) {
    snprintf(download->reason, sizeof download->reason, "status %" PRId64, download->status);
    end(download, FAILED);
  } else {
    complete(download);
  }
  if (download->state != DONE && download->have == 0) {
    remove(download->part);
  }
}

/* Beginning and ending. */

/* What stands behind the last slash, without what it is asked with. */
static int name_file(struct download *download, const char *directory) {
  const char *host = strstr(download->url, "://");
  const char *name = strrchr(host != NULL ? host + 3 : download->url, '/');
  size_t len = name != NULL ? strcspn(name + 1, "?#") : 0;
  int is_name = len > 0 && strncmp(name + 1, "..", len) != 0 && name[1] != '.';
  int path = snprintf(download->path, sizeof download->path, "%s/%.*s", directory,
                      is_name ? (int)len : 10, is_name ? name + 1 : "index.html");
  if (path < 0 || (size_t)path >= sizeof download->path) {
    return 0;
  }
  download->name = download->path + strlen(directory) + 1;
  snprintf(download->part, sizeof download->part, "%s.part", download->path);
  return 1;
}

static int begin(struct download *download, curlback_multi *multi) {
  download->file = fopen(download->part, "ab");
  if (download->file == NULL || fseek(download->file, 0, SEEK_END) != 0) {
    fail(download, strerror(errno));
    return 0;
  }
  download->before = download->have = ftell(download->file);

  char range[32];
  snprintf(range, sizeof range, "%" PRId64 "-", download->before);
  curlback_easy *easy = download->easy = curlback_easy_new();
  if (easy == NULL || curlback_easy_set_private(easy, download, NULL) != CURLBACK_OK ||
      curlback_easy_set_str(easy, CURLBACK_OPT_URL, download->url) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_FOLLOWLOCATION, 1) != CURLBACK_OK ||
      (download->before > 0 &&
       curlback_easy_set_str(easy, CURLBACK_OPT_RANGE, range) != CURLBACK_OK) ||
      curlback_easy_on_write(easy, on_body, download, NULL) != CURLBACK_OK ||
      curlback_easy_on_header(easy, on_header, download, NULL) != CURLBACK_OK ||
      curlback_easy_on_xferinfo(easy, on_xferinfo, download, NULL) != CURLBACK_OK ||
      curlback_multi_add(multi, easy) != CURLBACK_OK) {
    fail(download, curlback_last_error());
    return 0;
  }
  return 1;
}

/* The thread that waits for Ctrl-C, which is blocked in all others: no code runs in a signal's
 * handler. SIGUSR1 ends it. */
struct canceller {
  pthread_t thread;
  sigset_t signals;
  struct downloads *all;
  int was_asked;
};

static void *cancel_all(void *user_data) {
  struct canceller *canceller = user_data;
  int number = 0;
  while (sigwait(&canceller->signals, &number) == 0 && number != SIGUSR1) {
    canceller->was_asked = 1;
    for (int i = 0; i < canceller->all->count; i++) {
      /* Also fine for those that have ended. on_done hears of the others. */
      curlback_easy_cancel(canceller->all->list[i].easy);
    }
  }
  return NULL;
}

static int start(struct canceller *canceller, struct downloads *all) {
  canceller->all = all;
  sigemptyset(&canceller->signals);
  sigaddset(&canceller->signals, SIGINT);
  sigaddset(&canceller->signals, SIGTERM);
  sigaddset(&canceller->signals, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &canceller->signals, NULL);
  return pthread_create(&canceller->thread, NULL, cancel_all, canceller) == 0;
}

static void stop(struct canceller *canceller) {
  pthread_kill(canceller->thread, SIGUSR1);
  pthread_join(canceller->thread, NULL);
}

static int run(struct downloads *all, curlback_multi *multi) {
  if (curlback_multi_set_int(multi, CURLBACK_MOPT_MAX_HOST_CONNECTIONS, FROM_ONE_HOST) !=
          CURLBACK_OK ||
      curlback_multi_on_done(multi, on_done, NULL, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  for (int i = 0; i < all->count; i++) {
    begin(&all->list[i], multi);
  }
  draw(all, 1);

  /* From here on the handles are not replaced, so that the other thread may use them. */
  struct canceller canceller = {.was_asked = 0};
  if (!start(&canceller, all)) {
    fprintf(stderr, "no thread\n");
    return 1;
  }
  if (curlback_multi_run(multi, CURLBACK_RUN_UNTIL_DONE) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    all->failed = 1;
  }
  stop(&canceller);
  return canceller.was_asked ? 130 : all->failed;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s DIRECTORY URL...\n", argv[0]);
    return 1;
  }

  struct downloads all = {.count = argc - 2, .is_terminal = isatty(STDOUT_FILENO)};
  all.list = calloc((size_t)all.count, sizeof *all.list);
  curlback_multi *multi = curlback_multi_new();
  if (all.list == NULL || multi == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    curlback_multi_close(multi);
    free(all.list);
    return 1;
  }
  int status = 0;
  for (int i = 0; i < all.count; i++) {
    all.list[i].all = &all;
    all.list[i].url = argv[i + 2];
    if (!name_file(&all.list[i], argv[1])) {
      fprintf(stderr, "%s: the name is too long\n", argv[i + 2]);
      status = 1;
    }
    for (int j = 0; j < i; j++) {
      if (strcmp(all.list[i].path, all.list[j].path) == 0) {
        fprintf(stderr, "%s: another one would have the same name\n", argv[i + 2]);
        status = 1;
      }
    }
  }
  if (status == 0) {
    status = run(&all, multi);
  }

  for (int i = 0; i < all.count; i++) {
    curlback_easy_close(all.list[i].easy);
    if (all.list[i].file != NULL) {
      fclose(all.list[i].file);
    }
  }
  curlback_multi_close(multi);
  free(all.list);
  if (curlback_live_handles() != 0) {
    fprintf(stderr, "%zu handles were left open\n", curlback_live_handles());
    status = 1;
  }
  return status;
}
