/* What is measured: the same program as transfer_libcurl.c, on curlback. NOSIGNAL and an error
 * buffer are curlback's defaults; the other program sets them. See transfer.h.
 */
#include "transfer.h"

#include "curlback.h"

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  struct work *work = user_data;
  (void)easy;
  (void)data;
  work->callbacks++;
  work->bytes += len;
  return (int64_t)len;
}

static int64_t on_header(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  struct work *work = user_data;
  (void)easy;
  (void)data;
  work->callbacks++;
  return (int64_t)len;
}

static int32_t on_xferinfo(curlback_easy *easy, int64_t download_total, int64_t download_now,
                           int64_t upload_total, int64_t upload_now, void *user_data) {
  struct work *work = user_data;
  (void)easy;
  (void)download_total;
  (void)download_now;
  (void)upload_total;
  (void)upload_now;
  work->callbacks++;
  return 0;
}

static int64_t on_read(curlback_easy *easy, uint8_t *buffer, size_t capacity, void *user_data) {
  struct work *work = user_data;
  uint64_t left = ((uint64_t)work->count << 20) - work->bytes;
  size_t len = capacity < left ? capacity : (size_t)left;
  (void)easy;
  (void)buffer;
  work->callbacks++;
  work->bytes += len;
  return (int64_t)len;
}

static bool failed(void) {
  fprintf(stderr, "%s\n", curlback_last_error());
  return false;
}

/* Transfers, each of which has to end with a 2xx. */
static bool perform(curlback_easy *easy, long count) {
  int64_t code = 0;
  for (long i = 0; i < count; i++) {
    if (curlback_easy_perform(easy) != CURLBACK_OK) {
      return failed();
    }
  }
  if (curlback_easy_get_int(easy, CURLBACK_INFO_RESPONSE_CODE, &code) != CURLBACK_OK) {
    return failed();
  }
  if (code < 200 || code > 299) {
    fprintf(stderr, "HTTP %" PRId64 "\n", code);
    return false;
  }
  return true;
}

/* A handle for the URL, with the write callback. */
static curlback_easy *easy_to(struct work *work) {
  curlback_easy *easy = curlback_easy_new();
  if (easy != NULL && curlback_easy_set_str(easy, CURLBACK_OPT_URL, work->url) == CURLBACK_OK &&
      curlback_easy_on_write(easy, on_body, work, NULL) == CURLBACK_OK) {
    return easy;
  }
  failed();
  curlback_easy_close(easy);
  return NULL;
}

static bool get(struct work *work) {
  curlback_easy *easy = easy_to(work);
  bool well = easy != NULL && perform(easy, work->count);
  return curlback_easy_close(easy) == CURLBACK_OK && well;
}

static bool callbacks(struct work *work) {
  curlback_easy *easy = easy_to(work);
  bool well = easy != NULL && curlback_easy_on_header(easy, on_header, work, NULL) == CURLBACK_OK &&
              curlback_easy_on_xferinfo(easy, on_xferinfo, work, NULL) == CURLBACK_OK &&
              perform(easy, work->count);
  return curlback_easy_close(easy) == CURLBACK_OK && well;
}

static bool upload(struct work *work) {
  curlback_easy *easy = curlback_easy_new();
  bool well =
      easy != NULL && curlback_easy_set_str(easy, CURLBACK_OPT_URL, work->url) == CURLBACK_OK &&
      curlback_easy_set_int(easy, CURLBACK_OPT_UPLOAD, 1) == CURLBACK_OK &&
      curlback_easy_set_int(easy, CURLBACK_OPT_INFILESIZE_LARGE, (int64_t)work->count << 20) ==
          CURLBACK_OK &&
      curlback_easy_on_read(easy, on_read, work, NULL) == CURLBACK_OK && perform(easy, 1);
  return curlback_easy_close(easy) == CURLBACK_OK && well;
}

static bool ten_options(curlback_easy *easy) {
  return curlback_easy_set_str(easy, CURLBACK_OPT_USERAGENT, "bench/1") == CURLBACK_OK &&
         curlback_easy_set_str(easy, CURLBACK_OPT_REFERER, "http://127.0.0.1/") == CURLBACK_OK &&
         curlback_easy_set_int(easy, CURLBACK_OPT_TIMEOUT_MS, 60000) == CURLBACK_OK &&
         curlback_easy_set_int(easy, CURLBACK_OPT_CONNECTTIMEOUT_MS, 10000) == CURLBACK_OK &&
         curlback_easy_set_int(easy, CURLBACK_OPT_FOLLOWLOCATION, 1) == CURLBACK_OK &&
         curlback_easy_set_int(easy, CURLBACK_OPT_MAXREDIRS, 5) == CURLBACK_OK &&
         curlback_easy_set_int(easy, CURLBACK_OPT_FAILONERROR, 1) == CURLBACK_OK &&
         curlback_easy_set_int(easy, CURLBACK_OPT_TCP_KEEPALIVE, 1) == CURLBACK_OK &&
         curlback_easy_set_int(easy, CURLBACK_OPT_DNS_CACHE_TIMEOUT, 30) == CURLBACK_OK;
}

static bool handles(struct work *work) {
  for (long i = 0; i < work->count; i++) {
    curlback_easy *easy = easy_to(work);
    bool well = easy != NULL && ten_options(easy) && perform(easy, 1);
    if (curlback_easy_close(easy) != CURLBACK_OK || !well) {
      return false;
    }
  }
  return true;
}

static bool look_up(long count) {
  curlback_easy *easy = curlback_easy_new();
  int64_t code = -1;
  bool well = easy != NULL;
  for (long i = 0; well && i < count; i++) {
    well =
        curlback_easy_get_int(easy, CURLBACK_INFO_RESPONSE_CODE, &code) == CURLBACK_OK && code == 0;
  }
  return curlback_easy_close(easy) == CURLBACK_OK && well;
}

static bool lookup(struct work *work) {
  return look_up(work->count);
}

static void *thread(void *well) {
  *(bool *)well = look_up(LOOKUPS);
  return NULL;
}

static bool threads(struct work *work) {
  return work_threads(work, thread);
}

int main(int argc, char **argv) {
  static const struct mode MODES[] = {{"get", get},       {"callbacks", callbacks},
                                      {"upload", upload}, {"handles", handles},
                                      {"lookup", lookup}, {"threads", threads}};
  if (curlback_init() != CURLBACK_OK) {
    return 1;
  }
  return work_run(MODES, sizeof MODES / sizeof *MODES, argc, argv);
}
