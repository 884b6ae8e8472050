/* Many transfers on curlback_multi_run(). See load.h.
 */
#define _GNU_SOURCE
#include "load.h"

#include "curlback.h"

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  load_received(user_data, len);
  return (int64_t)len;
}

static void on_done(curlback_multi *multi, curlback_easy *easy, curlback_result result,
                    void *user_data) {
  int64_t code = 0;
  (void)user_data;
  bool well = result == CURLBACK_OK &&
              curlback_easy_get_int(easy, CURLBACK_INFO_RESPONSE_CODE, &code) == CURLBACK_OK &&
              code == 200;
  struct transfer *transfer = curlback_easy_private(easy);
  bool again = load_ended(transfer, well);
  if (curlback_multi_remove(multi, easy) != CURLBACK_OK ||
      (again && curlback_multi_add(multi, easy) != CURLBACK_OK)) {
    fprintf(stderr, "%s\n", curlback_last_error());
    transfer->load->failed++;
  }
}

static curlback_easy *begin(curlback_multi *multi, struct transfer *transfer) {
  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL ||
      curlback_easy_set_str(easy, CURLBACK_OPT_URL, transfer->load->url) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, transfer, NULL) != CURLBACK_OK ||
      curlback_easy_set_private(easy, transfer, NULL) != CURLBACK_OK ||
      curlback_multi_add(multi, easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    transfer->load->failed++;
  }
  return easy;
}

int main(int argc, char **argv) {
  struct load load;
  if (!load_read(&load, argc, argv) || curlback_init() != CURLBACK_OK) {
    return 1;
  }
  load_begin(&load);

  struct transfer *transfers = calloc((size_t)load.at_once, sizeof *transfers);
  curlback_easy **easies = calloc((size_t)load.at_once, sizeof(curlback_easy *));
  curlback_multi *multi = curlback_multi_new();
  /* Of the connections none is closed to make room: which one that is would be chance. */
  if (transfers == NULL || easies == NULL || multi == NULL ||
      curlback_multi_set_int(multi, CURLBACK_MOPT_MAXCONNECTS, load.at_once) != CURLBACK_OK ||
      curlback_multi_on_done(multi, on_done, NULL, NULL) != CURLBACK_OK) {
    return 1;
  }
  load.started = load.at_once;
  for (int i = 0; i < load.at_once; i++) {
    transfers[i].load = &load;
    easies[i] = begin(multi, &transfers[i]);
  }
  if (curlback_multi_run(multi, CURLBACK_RUN_UNTIL_DONE) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    load.failed++;
  }
  for (int i = 0; i < load.at_once; i++) {
    curlback_easy_close(easies[i]);
  }
  curlback_multi_close(multi);
  free(easies);
  free(transfers);
  return curlback_live_handles() == 0 ? load_report(&load) : 1;
}
