/* New, close, release, reset and duplicate, in every order: no handle is left in the end. */
#include "check.h"

static int64_t take_all(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)len;
  (void)user_data;
  return CURLBACK_ALL;
}

static curlback_easy *new_easy(const char *url) {
  curlback_easy *easy = curlback_easy_new();
  CHECK(easy != NULL);
  CHECK(curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) == CURLBACK_OK);
  CHECK(curlback_easy_on_write(easy, take_all, NULL, NULL) == CURLBACK_OK);
  return easy;
}

static void closed_handles_are_known(const char *url) {
  curlback_easy *easy = new_easy(url);
  CHECK(curlback_live_handles() == 1);
  CHECK(curlback_easy_perform(easy) == CURLBACK_OK);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
  CHECK(curlback_live_handles() == 0);
  CHECK(curlback_easy_close(easy) == CURLBACK_E_HANDLE);
  CHECK(curlback_easy_perform(easy) == CURLBACK_E_HANDLE);
  CHECK(curlback_easy_close(NULL) == CURLBACK_OK);
  CHECK(curlback_easy_perform(NULL) == CURLBACK_E_NULL);

  /* Its storage serves others now; the old value stays dead, and is never handed out again. */
  for (int i = 0; i < 1000; i++) {
    curlback_easy *other = curlback_easy_new();
    CHECK(other != NULL && other != easy);
    CHECK(curlback_easy_reset(easy) == CURLBACK_E_HANDLE);
    CHECK(curlback_easy_close(other) == CURLBACK_OK);
  }
}

static void released_handles_are_gone(const char *url) {
  curlback_easy *easy = new_easy(url);
  curlback_easy_release(easy);
  CHECK(curlback_live_handles() == 0);
  CHECK(curlback_easy_perform(easy) == CURLBACK_E_HANDLE);
  curlback_easy_release(easy);
  curlback_easy_release(NULL);
}

static void copies_stand_alone(const char *url) {
  int data = 0;
  for (int order = 0; order < 2; order++) {
    curlback_easy *first = new_easy(url);
    curlback_easy *copy = NULL;
    CHECK(curlback_easy_set_private(first, &data, NULL) == CURLBACK_OK);
    CHECK(curlback_easy_duplicate(first, &copy) == CURLBACK_OK);
    CHECK(copy != NULL && copy != first);
    CHECK(curlback_live_handles() == 2);
    CHECK(curlback_easy_private(copy) == NULL);

    curlback_easy *sooner = order == 0 ? first : copy;
    curlback_easy *later = order == 0 ? copy : first;
    CHECK(curlback_easy_perform(sooner) == CURLBACK_OK);
    CHECK(curlback_easy_close(sooner) == CURLBACK_OK);
    CHECK(curlback_easy_perform(later) == CURLBACK_OK);
    CHECK(curlback_easy_close(later) == CURLBACK_OK);
    CHECK(curlback_live_handles() == 0);
  }
}

static void failed_duplicate_writes_nothing(void) {
  int nothing = 0;
  curlback_easy *untouched = (curlback_easy *)&nothing;
  curlback_easy *copy = untouched;
  CHECK(curlback_easy_duplicate(NULL, &copy) == CURLBACK_E_NULL);
  CHECK(copy == untouched);
}

static void reset_starts_over(const char *url) {
  int data = 0;
  curlback_easy *easy = new_easy(url);
  CHECK(curlback_easy_set_private(easy, &data, NULL) == CURLBACK_OK);
  CHECK(curlback_easy_perform(easy) == CURLBACK_OK);
  CHECK(curlback_easy_reset(easy) == CURLBACK_OK);
  CHECK(curlback_easy_private(easy) == &data);
  CHECK(curlback_easy_perform(easy) == 3); /* CURLE_URL_MALFORMAT: the URL is gone */
  CHECK(curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) == CURLBACK_OK);
  CHECK(curlback_easy_on_write(easy, take_all, NULL, NULL) == CURLBACK_OK);
  CHECK(curlback_easy_perform(easy) == CURLBACK_OK);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
}

/* Status and header lines come with every answer, bodies may be empty: on_header is called. */
static int64_t refuse_and_release(curlback_easy *easy, const uint8_t *data, size_t len,
                                  void *user_data) {
  bool *called = user_data;
  (void)data;
  if (!*called) {
    *called = true;
    CHECK(curlback_easy_close(easy) == CURLBACK_E_IN_CALLBACK);
    CHECK(curlback_easy_reset(easy) == CURLBACK_E_IN_CALLBACK);
    CHECK(curlback_easy_perform(easy) == CURLBACK_E_IN_CALLBACK);
    curlback_easy_release(easy);
    CHECK(curlback_easy_close(easy) == CURLBACK_E_HANDLE);
  }
  return (int64_t)len;
}

static void released_inside_its_callback(const char *url) {
  bool called = false;
  curlback_easy *easy = new_easy(url);
  CHECK(curlback_easy_on_header(easy, refuse_and_release, &called, NULL) == CURLBACK_OK);
  (void)curlback_easy_perform(easy); /* whichever way it ends, it returns */
  CHECK(called);
  CHECK(curlback_live_handles() == 0);
  CHECK(curlback_easy_close(easy) == CURLBACK_E_HANDLE);
}

static int64_t perform_another(curlback_easy *easy, const uint8_t *data, size_t len,
                               void *user_data) {
  const char **url = user_data;
  (void)easy;
  (void)data;
  if (*url != NULL) {
    curlback_easy *other = new_easy(*url);
    *url = NULL;
    CHECK(curlback_easy_perform(other) == CURLBACK_OK);
    CHECK(curlback_easy_close(other) == CURLBACK_OK);
  }
  return (int64_t)len;
}

static void another_handle_inside_a_callback(const char *url) {
  const char *once = url;
  curlback_easy *easy = new_easy(url);
  CHECK(curlback_easy_on_header(easy, perform_another, &once, NULL) == CURLBACK_OK);
  CHECK(curlback_easy_perform(easy) == CURLBACK_OK);
  CHECK(once == NULL);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  CHECK(curlback_live_handles() == 0);
  closed_handles_are_known(argv[1]);
  released_handles_are_gone(argv[1]);
  copies_stand_alone(argv[1]);
  failed_duplicate_writes_nothing();
  reset_starts_over(argv[1]);
  released_inside_its_callback(argv[1]);
  another_handle_inside_a_callback(argv[1]);
  CHECK(curlback_live_handles() == 0);
  printf("ok\n");
  return 0;
}
