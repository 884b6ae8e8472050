/* Many transfers on libcurl itself, with curl_multi_perform() and curl_multi_poll(). See load.h.
 */
#define _GNU_SOURCE
#include "load_libcurl.h"

static bool run(const struct load *load, CURLM *multi) {
  int running = 0;
  for (;;) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) {
      return false;
    }
    downloads_check(multi);
    if (load->done == load->transfers) {
      return true;
    }
    if (curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK) {
      return false;
    }
  }
}

int main(int argc, char **argv) {
  struct load load;
  if (!load_read(&load, argc, argv) || curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) {
    return 1;
  }
  load_begin(&load);

  CURLM *multi = curl_multi_init();
  if (multi == NULL) {
    return 1;
  }
  struct download *downloads = downloads_begin(&load, multi);
  if (downloads == NULL || load.failed > 0 || !run(&load, multi)) {
    load.failed++;
  }
  downloads_end(&load, downloads);
  curl_multi_cleanup(multi);
  int status = load_report(&load);
  curl_global_cleanup();
  return status;
}
