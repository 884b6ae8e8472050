/* Shows: being told by libcurl that transfers have ended. on_notify is called where some have, and
 * only then curlback_multi_next_done() is asked which; without it that is asked after each step.
 *
 * Compile: cc -std=c99 notify.c -lcurlback   (libcurl 8.17 or newer)
 * Run:     ./a.out URL...
 */
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>

#define LARGEST_BODY (1 << 20)

static int complain(const char *what, curlback_result result) {
  fprintf(stderr, "%s: %s: %s\n", what, curlback_result_name(result), curlback_last_error());
  return 1;
}

static void on_notify(curlback_multi *multi, int32_t notification, curlback_easy *easy,
                      void *user_data) {
  int *failed = user_data;
  curlback_result result;
  if (notification != CURLBACK_NOTIFY_INFO_READ)
    return;
  while (curlback_multi_next_done(multi, &easy, &result)) {
    const uint8_t *body;
    size_t len = 0;
    const char *url = "";
    curlback_easy_get_str(easy, CURLBACK_INFO_EFFECTIVE_URL, &url);
    curlback_easy_body(easy, &body, &len);
    printf("%s: %s, %zu bytes\n", url, curlback_result_name(result), len);
    *failed += result != CURLBACK_OK;
    curlback_easy_close(easy);
  }
}

static curlback_result begin(curlback_multi *multi, const char *url) {
  curlback_easy *easy = curlback_easy_new();
  curlback_result result = curlback_easy_set_str(easy, CURLBACK_OPT_URL, url);
  if (result == CURLBACK_OK)
    result = curlback_easy_body_to_memory(easy, LARGEST_BODY);
  if (result == CURLBACK_OK)
    result = curlback_multi_add(multi, easy);
  if (result != CURLBACK_OK)
    curlback_easy_close(easy);
  return result;
}

int main(int argc, char **argv) {
  int failed = 0;
  curlback_multi *multi = curlback_multi_new();
  curlback_result result = curlback_multi_on_notify(multi, on_notify, &failed, NULL);
  if (result == CURLBACK_OK)
    result = curlback_multi_notify(multi, CURLBACK_NOTIFY_INFO_READ, true);
  for (int arg = 1; arg < argc && result == CURLBACK_OK; arg++)
    result = begin(multi, argv[arg]);
  if (result == CURLBACK_OK)
    result = curlback_multi_run(multi, CURLBACK_RUN_UNTIL_DONE);
  if (result != CURLBACK_OK)
    failed += complain("notify", result);
  curlback_multi_close(multi);
  return failed != 0;
}
