/* Every result has a name and a text, and a failing call says what exactly was wrong. */
#include "check.h"
#include <string.h>

struct named {
  curlback_result result;
  const char *name;
};

#define NAMED(enumerator)                                                                          \
  { enumerator, #enumerator }
static const struct named own[] = {
    NAMED(CURLBACK_OK),          NAMED(CURLBACK_E_NULL),        NAMED(CURLBACK_E_HANDLE),
    NAMED(CURLBACK_E_BUSY),      NAMED(CURLBACK_E_IN_CALLBACK), NAMED(CURLBACK_E_NOT_IN_CALLBACK),
    NAMED(CURLBACK_E_EXCLUSIVE), NAMED(CURLBACK_E_OPTION),      NAMED(CURLBACK_E_TYPE),
    NAMED(CURLBACK_E_RANGE),     NAMED(CURLBACK_E_UNSUPPORTED), NAMED(CURLBACK_E_RAISED),
    NAMED(CURLBACK_E_CANCELLED), NAMED(CURLBACK_E_IN_USE),      NAMED(CURLBACK_E_LIMIT),
    NAMED(CURLBACK_E_NO_MEMORY), NAMED(CURLBACK_E_INTERNAL),    NAMED(CURLBACK_E_ABSENT),
};

static void own_results(void) {
  size_t count = sizeof own / sizeof *own;
  for (size_t i = 0; i < count; i++) {
    CHECK(strcmp(curlback_result_name(own[i].result), own[i].name) == 0);
    const char *text = curlback_strerror(own[i].result);
    CHECK(text != NULL && text[0] != '\0');
    for (size_t k = 0; k < i; k++) {
      CHECK(strcmp(text, curlback_strerror(own[k].result)) != 0);
    }
  }
}

/* libcurl's own, by libcurl's names. */
static void libcurl_results(void) {
  static const struct named known[] = {
      {1, "CURLE_UNSUPPORTED_PROTOCOL"},
      {3, "CURLE_URL_MALFORMAT"},
      {7, "CURLE_COULDNT_CONNECT"},
      {23, "CURLE_WRITE_ERROR"},
      {42, "CURLE_ABORTED_BY_CALLBACK"},
      {60, "CURLE_PEER_FAILED_VERIFICATION"},
      {81, "CURLE_AGAIN"},
      {CURLBACK_MULTI_BASE + 1, "CURLM_BAD_HANDLE"},
      {CURLBACK_MULTI_BASE + 11, "CURLM_ABORTED_BY_CALLBACK"},
      {CURLBACK_SHARE_BASE + 1, "CURLSHE_BAD_OPTION"},
      {CURLBACK_SHARE_BASE + 2, "CURLSHE_IN_USE"},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    CHECK(strcmp(curlback_result_name(known[i].result), known[i].name) == 0);
    CHECK(curlback_strerror(known[i].result)[0] != '\0');
  }
}

static void unknown_results(void) {
  static const curlback_result unknown[] = {
      -1, 999, 1999, 2999, 5000, 9999, 10999, INT32_MAX, INT32_MIN,
  };
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
    CHECK(strcmp(curlback_result_name(unknown[i]), "UNKNOWN") == 0);
    CHECK(curlback_strerror(unknown[i]) != NULL);
  }
}

static int64_t take_all(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)len;
  (void)user_data;
  return CURLBACK_ALL;
}

static void failing_calls_explain(const char *url) {
  CHECK(curlback_last_error() != NULL);
  curlback_easy *easy = curlback_easy_new();
  CHECK(easy != NULL);

  CHECK(curlback_easy_set_int(easy, CURLBACK_OPT_URL, 1) == CURLBACK_E_TYPE);
  CHECK(strstr(curlback_last_error(), "URL") != NULL);
  CHECK(curlback_easy_set_int(easy, 999999, 1) == CURLBACK_E_OPTION);
  CHECK(curlback_last_error()[0] != '\0');
  CHECK(curlback_easy_set_str(easy, CURLBACK_OPT_WRITEDATA, "x") == CURLBACK_E_OPTION);
  CHECK(strstr(curlback_last_error(), "on_write") != NULL); /* the function to use instead */

  CHECK(curlback_easy_body_to_memory(easy, 100) == CURLBACK_OK);
  CHECK(curlback_easy_on_write(easy, take_all, NULL, NULL) == CURLBACK_E_EXCLUSIVE);
  CHECK(strstr(curlback_last_error(), "body_to_memory") != NULL); /* what is set already */
  CHECK(curlback_easy_clear_body(easy) == CURLBACK_OK);
  CHECK(curlback_easy_on_write(easy, take_all, NULL, NULL) == CURLBACK_OK);

  /* libcurl's own number and text, in the call's result and in the record. */
  curlback_error error;
  CHECK(curlback_easy_set_str(easy, CURLBACK_OPT_URL, "no-such-scheme://127.0.0.1/") ==
        CURLBACK_OK);
  CHECK(curlback_easy_perform(easy) == 1);
  CHECK(strstr(curlback_last_error(), "no-such-scheme") != NULL);
  CHECK(curlback_easy_error(easy, &error) == CURLBACK_OK);
  CHECK(error.result == 1 && error.curl_code == 1);
  CHECK(error.callback == CURLBACK_CALLBACK_NONE && error.payload == NULL);
  CHECK(strcmp(error.message, "") == 0);
  CHECK(strstr(error.curl_message, "no-such-scheme") != NULL);

  /* A handle that failed is as good as before. */
  CHECK(curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) == CURLBACK_OK);
  CHECK(curlback_easy_perform(easy) == CURLBACK_OK);
  CHECK(curlback_easy_error(easy, &error) == CURLBACK_OK);
  CHECK(error.result == CURLBACK_OK && error.curl_code == 0);
  CHECK(strcmp(error.curl_message, "") == 0);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  own_results();
  libcurl_results();
  unknown_results();
  failing_calls_explain(argv[1]);
  CHECK(curlback_live_handles() == 0);
  printf("ok\n");
  return 0;
}
