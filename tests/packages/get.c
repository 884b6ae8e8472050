#include <curlback.h>

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  return fwrite(data, 1, len, user_data) == len ? CURLBACK_ALL : CURLBACK_ABORT;
}

int main(int argc, char **argv) {
  curlback_easy *easy = curlback_easy_new();
  curlback_result result = curlback_easy_set_str(easy, CURLBACK_OPT_URL, argc > 1 ? argv[1] : "");
  if (result == CURLBACK_OK) {
    result = curlback_easy_on_write(easy, on_body, stdout, NULL);
  }
  if (result == CURLBACK_OK) {
    result = curlback_easy_perform(easy);
  }
  if (result != CURLBACK_OK) {
    fprintf(stderr, "%s: %s\n", curlback_result_name(result), curlback_last_error());
  }
  curlback_easy_close(easy);
  printf("%s\n", curlback_libcurl_linkage());
  return result != CURLBACK_OK;
}
