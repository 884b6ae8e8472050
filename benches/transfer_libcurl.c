/* The measure that transfer_curlback.c is compared with: the same program on libcurl itself. See
 * transfer.h.
 */
#include "transfer.h"

#include <curl/curl.h>

static char text[CURL_ERROR_SIZE];

static size_t on_body(char *data, size_t size, size_t len, void *user_data) {
  struct work *work = user_data;
  (void)data;
  work->callbacks++;
  work->bytes += size * len;
  return size * len;
}

static size_t on_header(char *data, size_t size, size_t len, void *user_data) {
  struct work *work = user_data;
  (void)data;
  work->callbacks++;
  return size * len;
}

static int on_xferinfo(void *user_data, curl_off_t download_total, curl_off_t download_now,
                       curl_off_t upload_total, curl_off_t upload_now) {
  struct work *work = user_data;
  (void)download_total;
  (void)download_now;
  (void)upload_total;
  (void)upload_now;
  work->callbacks++;
  return 0;
}

static size_t on_read(char *buffer, size_t size, size_t len, void *user_data) {
  struct work *work = user_data;
  uint64_t left = ((uint64_t)work->count << 20) - work->bytes;
  size_t capacity = size * len;
  size_t given = capacity < left ? capacity : (size_t)left;
  (void)buffer;
  work->callbacks++;
  work->bytes += given;
  return given;
}

static bool failed(CURLcode result) {
  fprintf(stderr, "%d: %s\n", (int)result, text[0] != '\0' ? text : curl_easy_strerror(result));
  return false;
}

/* Transfers, each of which has to end with a 2xx. */
static bool perform(CURL *curl, long count) {
  CURLcode result = CURLE_OK;
  long code = 0;
  for (long i = 0; i < count; i++) {
    if ((result = curl_easy_perform(curl)) != CURLE_OK) {
      return failed(result);
    }
  }
  if ((result = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code)) != CURLE_OK) {
    return failed(result);
  }
  if (code < 200 || code > 299) {
    fprintf(stderr, "HTTP %ld\n", code);
    return false;
  }
  return true;
}

/* A handle with what curlback sets by default. */
static CURL *easy_new(void) {
  CURL *curl = curl_easy_init();
  if (curl != NULL && curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK) {
    return curl;
  }
  curl_easy_cleanup(curl);
  return NULL;
}

/* A handle for the URL, with the write callback. */
static CURL *easy_to(struct work *work) {
  CURL *curl = easy_new();
  if (curl != NULL && curl_easy_setopt(curl, CURLOPT_URL, work->url) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_WRITEDATA, work) == CURLE_OK) {
    return curl;
  }
  curl_easy_cleanup(curl);
  return NULL;
}

static bool get(struct work *work) {
  CURL *curl = easy_to(work);
  bool well = curl != NULL && perform(curl, work->count);
  curl_easy_cleanup(curl);
  return well;
}

static bool callbacks(struct work *work) {
  CURL *curl = easy_to(work);
  bool well =
      curl != NULL && curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_HEADERDATA, work) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_xferinfo) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_XFERINFODATA, work) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK && perform(curl, work->count);
  curl_easy_cleanup(curl);
  return well;
}

static bool upload(struct work *work) {
  CURL *curl = easy_new();
  bool well =
      curl != NULL && curl_easy_setopt(curl, CURLOPT_URL, work->url) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)work->count << 20) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
      curl_easy_setopt(curl, CURLOPT_READDATA, work) == CURLE_OK && perform(curl, 1);
  curl_easy_cleanup(curl);
  return well;
}

static bool ten_options(CURL *curl) {
  return curl_easy_setopt(curl, CURLOPT_USERAGENT, "bench/1") == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_REFERER, "http://127.0.0.1/") == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 60000L) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 10000L) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_DNS_CACHE_TIMEOUT, 30L) == CURLE_OK;
}

static bool handles(struct work *work) {
  for (long i = 0; i < work->count; i++) {
    CURL *curl = easy_to(work);
    bool well = curl != NULL && ten_options(curl) && perform(curl, 1);
    curl_easy_cleanup(curl);
    if (!well) {
      return false;
    }
  }
  return true;
}

static bool look_up(long count) {
  CURL *curl = easy_new();
  long code = -1;
  bool well = curl != NULL;
  for (long i = 0; well && i < count; i++) {
    well = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK && code == 0;
  }
  curl_easy_cleanup(curl);
  return well;
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
  if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) {
    return 1;
  }
  int status = work_run(MODES, sizeof MODES / sizeof *MODES, argc, argv);
  curl_global_cleanup();
  return status;
}
