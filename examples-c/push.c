/* Shows: taking what an HTTP/2 server sends unasked. on_push gets a handle for each, a duplicate of
 * the one that it comes with, and keeps those it wants.
 *
 * Compile: cc -std=c99 push.c -lcurlback   (libcurl 8.0 or newer)
 * Run:     ./a.out URL CA_FILE
 */
#include "curlback.h"
#include <stdio.h>
#include <string.h>

#define MOST 8
#define LARGEST_BODY (1 << 20)
#define HTTP_VERSION_2TLS 4
/* Before it nothing that is pushed arrives. */
#define OLDEST 0x080000

struct pushes {
  curlback_easy *kept[MOST];
  int count;
};

static int32_t on_push(curlback_multi *multi, curlback_easy *parent, curlback_easy *pushed,
                       const char *const *headers, size_t count, void *user_data) {
  struct pushes *pushes = user_data;
  (void)multi, (void)parent;
  if (pushes->count == MOST)
    return CURLBACK_PUSH_DENY;
  for (size_t i = 0; i < count; i++) {
    if (strncmp(headers[i], ":path", 5) == 0)
      printf("pushed %s\n", headers[i]);
  }
  pushes->kept[pushes->count++] = pushed;
  return CURLBACK_PUSH_OK;
}

static void print_size(curlback_easy *easy) {
  const uint8_t *body;
  size_t len = 0;
  const char *url = "";
  curlback_easy_get_str(easy, CURLBACK_INFO_EFFECTIVE_URL, &url);
  curlback_easy_body(easy, &body, &len);
  printf("%s: %zu bytes\n", url, len);
}

int main(int argc, char **argv) {
  if (curlback_libcurl_version_number() < OLDEST) {
    fprintf(stderr, "server push needs libcurl 8.0 or newer\n");
    return 1;
  }
  struct pushes pushes = {0};
  curlback_result ended = CURLBACK_OK;
  curlback_multi *multi = curlback_multi_new();
  curlback_easy *easy = curlback_easy_new();
  curlback_result result =
      curlback_easy_set_str(easy, CURLBACK_OPT_URL, argc > 1 ? argv[1] : "https://localhost/");
  if (result == CURLBACK_OK && argc > 2)
    result = curlback_easy_set_str(easy, CURLBACK_OPT_CAINFO, argv[2]);
  if (result == CURLBACK_OK)
    result = curlback_easy_set_int(easy, CURLBACK_OPT_HTTP_VERSION, HTTP_VERSION_2TLS);
  if (result == CURLBACK_OK)
    result = curlback_easy_body_to_memory(easy, LARGEST_BODY);
  if (result == CURLBACK_OK)
    result = curlback_multi_on_push(multi, on_push, &pushes, NULL);
  if (result == CURLBACK_OK)
    result = curlback_multi_add(multi, easy);
  if (result == CURLBACK_OK)
    result = curlback_multi_run(multi, CURLBACK_RUN_UNTIL_DONE);
  while (result == CURLBACK_OK && curlback_multi_next_done(multi, NULL, &ended))
    result = ended;
  if (result == CURLBACK_OK) {
    print_size(easy);
    for (int i = 0; i < pushes.count; i++)
      print_size(pushes.kept[i]);
  } else {
    fprintf(stderr, "%s: %s\n", curlback_result_name(result), curlback_last_error());
  }
  for (int i = 0; i < pushes.count; i++)
    curlback_easy_close(pushes.kept[i]);
  curlback_easy_close(easy);
  curlback_multi_close(multi);
  return result != CURLBACK_OK;
}
