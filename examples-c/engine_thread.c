/* Shows: one thread that does all transfers of a program. It is started once; others hand it
 * transfers with curlback_multi_add(), and wait for the result as if they had performed them.
 *
 * Compile: cc -std=c99 engine_thread.c -lcurlback -pthread
 * Run:     ./a.out URL...
 */
#define _POSIX_C_SOURCE 200809L
#include "curlback.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A transfer, as the thread sees it that submits it. */
struct job {
  const char *url;
  curlback_easy *easy;
  pthread_mutex_t mutex;
  pthread_cond_t ended;
  int is_done;
  curlback_result result;
  int64_t bytes;
};

/* On the engine's thread. */
static void on_done(curlback_multi *multi, curlback_easy *easy, curlback_result result,
                    void *user_data) {
  struct job *job = curlback_easy_private(easy);
  int64_t bytes = 0;
  (void)multi;
  (void)user_data;
  if (result == CURLBACK_OK) {
    result = curlback_easy_get_int(easy, CURLBACK_INFO_SIZE_DOWNLOAD_T, &bytes);
  }
  /* Out of the multi handle here, on its thread: from then on the handle is its submitter's again.
   */
  curlback_multi_remove(multi, easy);
  pthread_mutex_lock(&job->mutex);
  job->result = result;
  job->bytes = bytes;
  job->is_done = 1;
  pthread_cond_signal(&job->ended);
  pthread_mutex_unlock(&job->mutex);
}

static void *engine(void *user_data) {
  curlback_multi *multi = user_data;
  curlback_result result;
  while ((result = curlback_multi_run(multi, CURLBACK_RUN_UNTIL_STOPPED)) != CURLBACK_OK) {
    /* BUSY: the other thread is adding the first transfer at this moment. Anything else ends this
     * call only: the transfers that are left go on with the next. */
    if (result != CURLBACK_E_BUSY) {
      fprintf(stderr, "%s\n", curlback_last_error());
    }
  }
  return NULL;
}

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)len;
  (void)user_data;
  return CURLBACK_ALL;
}

static int submit(curlback_multi *multi, struct job *job) {
  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL || curlback_easy_set_str(easy, CURLBACK_OPT_URL, job->url) != CURLBACK_OK ||
      curlback_easy_set_private(easy, job, NULL) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK ||
      curlback_multi_add(multi, easy) != CURLBACK_OK) {
    fprintf(stderr, "%s: %s\n", job->url, curlback_last_error());
    curlback_easy_close(easy);
    return 1;
  }
  job->easy = easy;
  return 0;
}

static int wait_for(struct job *job) {
  pthread_mutex_lock(&job->mutex);
  while (!job->is_done) {
    pthread_cond_wait(&job->ended, &job->mutex);
  }
  pthread_mutex_unlock(&job->mutex);
  curlback_easy_close(job->easy);
  if (job->result != CURLBACK_OK) {
    fprintf(stderr, "%s: %s\n", job->url, curlback_strerror(job->result));
    return 1;
  }
  printf("%s: %" PRId64 " bytes\n", job->url, job->bytes);
  return 0;
}

static int transfer(curlback_multi *multi, struct job *jobs, int count) {
  int status = 0;
  for (int i = 0; i < count; i++) {
    status |= submit(multi, &jobs[i]);
  }
  for (int i = 0; i < count; i++) {
    if (jobs[i].easy != NULL) {
      status |= wait_for(&jobs[i]);
    }
  }
  return status;
}

int main(int argc, char **argv) {
  int count = argc - 1;
  if (count < 1) {
    fprintf(stderr, "usage: %s URL...\n", argv[0]);
    return 1;
  }

  struct job *jobs = calloc((size_t)count, sizeof *jobs);
  curlback_multi *multi = curlback_multi_new();
  if (jobs == NULL || multi == NULL ||
      curlback_multi_on_done(multi, on_done, NULL, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    curlback_multi_close(multi);
    free(jobs);
    return 1;
  }
  for (int i = 0; i < count; i++) {
    jobs[i].url = argv[i + 1];
    pthread_mutex_init(&jobs[i].mutex, NULL);
    pthread_cond_init(&jobs[i].ended, NULL);
  }

  int status = 1;
  pthread_t thread;
  int failed = pthread_create(&thread, NULL, engine, multi);
  if (failed != 0) {
    fprintf(stderr, "no thread: %s\n", strerror(failed));
  } else {
    status = transfer(multi, jobs, count);
    curlback_multi_stop(multi);
    pthread_join(thread, NULL);
  }

  for (int i = 0; i < count; i++) {
    pthread_cond_destroy(&jobs[i].ended);
    pthread_mutex_destroy(&jobs[i].mutex);
  }
  curlback_multi_close(multi);
  free(jobs);
  if (curlback_live_handles() != 0) {
    fprintf(stderr, "%zu handles were left open\n", curlback_live_handles());
    status = 1;
  }
  return status;
}
