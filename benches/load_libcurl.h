/* What the two load programs on libcurl itself have in common. What curlback sets by default they
 * set too. See load.h.
 */
#ifndef LOAD_LIBCURL_H
#define LOAD_LIBCURL_H

#include "load.h"

#include <curl/curl.h>

struct download {
  struct transfer transfer; /* the first: what on_body is given */
  CURL *curl;
  char text[CURL_ERROR_SIZE];
};

static size_t on_body(char *data, size_t size, size_t len, void *user_data) {
  (void)data;
  load_received(user_data, size * len);
  return size * len;
}

static inline bool download_begin(struct download *download, struct load *load, CURLM *multi) {
  download->transfer.load = load;
  CURL *curl = download->curl = curl_easy_init();
  return curl != NULL && curl_easy_setopt(curl, CURLOPT_URL, load->url) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, download->text) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_PRIVATE, download) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_WRITEDATA, &download->transfer) == CURLE_OK &&
         curl_multi_add_handle(multi, curl) == CURLM_OK;
}

/* Begins the first AT_ONCE transfers. */
static inline struct download *downloads_begin(struct load *load, CURLM *multi) {
  /* Of the connections none is closed to make room: which one that is would be chance. */
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)load->at_once);
  struct download *downloads = calloc((size_t)load->at_once, sizeof *downloads);
  load->started = load->at_once;
  for (int i = 0; downloads != NULL && i < load->at_once; i++) {
    if (!download_begin(&downloads[i], load, multi)) {
      load->failed++;
    }
  }
  return downloads;
}

/* Looks at what has ended, and begins others in place of it. */
static inline void downloads_check(CURLM *multi) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) {
      continue;
    }
    CURL *curl = message->easy_handle;
    CURLcode result = message->data.result;
    struct download *download = NULL;
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&download);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    bool again = load_ended(&download->transfer, result == CURLE_OK && code == 200);
    if (curl_multi_remove_handle(multi, curl) != CURLM_OK ||
        (again && curl_multi_add_handle(multi, curl) != CURLM_OK)) {
      download->transfer.load->failed++;
    }
  }
}

static inline void downloads_end(struct load *load, struct download *downloads) {
  for (int i = 0; downloads != NULL && i < load->at_once; i++) {
    curl_easy_cleanup(downloads[i].curl);
  }
  free(downloads);
}

#endif
