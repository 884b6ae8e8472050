/* Shows: four threads, each with a handle of its own, that share cookies, addresses, TLS sessions
 * and connections. The first one gets cookies, and all the others send them. The share locks by
 * itself unless the program brings locks of its own, as this one does when it is told to.
 *
 * Compile: cc -std=c99 -pthread share_threads.c -lcurlback
 * Run:     ./a.out URL_THAT_SETS_COOKIES URL [own-locks]
 */
#include "curlback.h"
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4 };

/* One lock for each kind of data; libcurl has fewer than eight. */
static pthread_mutex_t locks[8];

static void on_lock(curlback_share *share, curlback_easy *easy, int32_t what, int32_t access,
                    void *user_data) {
  (void)share, (void)easy, (void)access, (void)user_data;
  pthread_mutex_lock(&locks[what % 8]);
}

static void on_unlock(curlback_share *share, curlback_easy *easy, int32_t what, void *user_data) {
  (void)share, (void)easy, (void)user_data;
  pthread_mutex_unlock(&locks[what % 8]);
}

/* What a thread works with. */
typedef struct {
  curlback_share *share;
  const char *url;
  curlback_easy *easy;
  char failure[256];
} job;

static void *transfer(void *argument) {
  job *job = argument;
  if (curlback_easy_set_share(job->easy, job->share) != CURLBACK_OK ||
      curlback_easy_set_str(job->easy, CURLBACK_OPT_URL, job->url) != CURLBACK_OK ||
      curlback_easy_set_str(job->easy, CURLBACK_OPT_COOKIEFILE, "") != CURLBACK_OK ||
      curlback_easy_body_to_memory(job->easy, 1024 * 1024) != CURLBACK_OK ||
      curlback_easy_perform(job->easy) != CURLBACK_OK) {
    /* The sentence is this thread's. */
    snprintf(job->failure, sizeof job->failure, "%s", curlback_last_error());
  }
  return NULL;
}

/* Prints what a thread got; 1 if it failed. */
static int show(const job *job) {
  const uint8_t *body = NULL;
  size_t len = 0;
  if (job->failure[0] != '\0') {
    fprintf(stderr, "%s\n", job->failure);
    return 1;
  }
  if (curlback_easy_body(job->easy, &body, &len) == CURLBACK_OK) {
    fwrite(body, 1, len, stdout);
  }
  return 0;
}

static int run(curlback_share *share, const char *first_url, const char *url) {
  job jobs[THREADS + 1] = {{0}};
  pthread_t threads[THREADS];
  int started = 0, status = 0;
  for (int i = 0; i <= THREADS; i++) {
    jobs[i].share = share;
    jobs[i].url = i == 0 ? first_url : url;
    /* Where memory ran out the job fails, and says so. */
    jobs[i].easy = curlback_easy_new();
  }

  transfer(&jobs[0]);
  status |= show(&jobs[0]);
  while (started < THREADS &&
         pthread_create(&threads[started], NULL, transfer, &jobs[started + 1]) == 0) {
    started++;
  }
  for (int i = 0; i < started; i++) {
    pthread_join(threads[i], NULL);
    status |= show(&jobs[i + 1]);
  }
  for (int i = 0; i <= THREADS; i++) {
    curlback_easy_close(jobs[i].easy);
  }
  return status | (started < THREADS);
}

int main(int argc, char **argv) {
  const int32_t kinds[] = {CURLBACK_SHARE_COOKIES, CURLBACK_SHARE_DNS, CURLBACK_SHARE_TLS_SESSIONS,
                           CURLBACK_SHARE_CONNECTIONS};
  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: %s URL_THAT_SETS_COOKIES URL [own-locks]\n", argv[0]);
    return 1;
  }

  curlback_share *share = curlback_share_new();
  int ready = share != NULL;
  for (size_t i = 0; ready && i < sizeof kinds / sizeof *kinds; i++) {
    ready = curlback_share_add(share, kinds[i]) == CURLBACK_OK;
  }
  if (ready && argc == 4) {
    for (int i = 0; i < 8; i++) {
      pthread_mutex_init(&locks[i], NULL);
    }
    ready = curlback_share_on_lock(share, on_lock, on_unlock, NULL, NULL) == CURLBACK_OK;
  }
  if (!ready) {
    fprintf(stderr, "%s\n", curlback_last_error());
    curlback_share_release(share);
    return 1;
  }

  int status = run(share, argv[1], argv[2]);
  /* After the handles that use it. */
  if (curlback_share_close(share) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
