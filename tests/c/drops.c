/* drop runs exactly once for each registration: on replace, unset, reset, close, release, and when
 * the last copy lets go; never when the registration failed. */
#include "check.h"

static void count(void *user_data) {
  int *drops = user_data;
  ++*drops;
}

static int64_t on_data(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)user_data;
  return (int64_t)len;
}

static int64_t on_read(curlback_easy *easy, uint8_t *buffer, size_t capacity, void *user_data) {
  (void)easy;
  (void)buffer;
  (void)capacity;
  (void)user_data;
  return 0;
}

static int32_t on_seek(curlback_easy *easy, int64_t offset, int32_t origin, void *user_data) {
  (void)easy;
  (void)offset;
  (void)origin;
  (void)user_data;
  return CURLBACK_SEEK_OK;
}

static void on_debug(curlback_easy *easy, int32_t kind, const uint8_t *data, size_t len,
                     void *user_data) {
  (void)easy;
  (void)kind;
  (void)data;
  (void)len;
  (void)user_data;
}

static int32_t on_progress(curlback_easy *easy, double download_total, double download_now,
                           double upload_total, double upload_now, void *user_data) {
  (void)easy;
  (void)download_total;
  (void)download_now;
  (void)upload_total;
  (void)upload_now;
  (void)user_data;
  return 0;
}

static int32_t on_xferinfo(curlback_easy *easy, int64_t download_total, int64_t download_now,
                           int64_t upload_total, int64_t upload_now, void *user_data) {
  (void)easy;
  (void)download_total;
  (void)download_now;
  (void)upload_total;
  (void)upload_now;
  (void)user_data;
  return 0;
}

/* One registration function of one shape for each event, so that a table can hold them. */
typedef curlback_result (*register_fn)(curlback_easy *easy, bool set, void *user_data,
                                       curlback_drop_cb drop);
#define REGISTER(event, callback)                                                                  \
  static curlback_result register_##event(curlback_easy *easy, bool set, void *user_data,          \
                                          curlback_drop_cb drop) {                                 \
    return curlback_easy_on_##event(easy, set ? callback : NULL, user_data, drop);                 \
  }
REGISTER(write, on_data)
REGISTER(header, on_data)
REGISTER(read, on_read)
REGISTER(seek, on_seek)
REGISTER(debug, on_debug)
REGISTER(progress, on_progress)
REGISTER(xferinfo, on_xferinfo)

static const register_fn registrations[] = {register_write,   register_header, register_read,
                                            register_seek,    register_debug,  register_progress,
                                            register_xferinfo};

static curlback_easy *new_easy(void) {
  curlback_easy *easy = curlback_easy_new();
  CHECK(easy != NULL);
  return easy;
}

static void every_way_to_let_go(register_fn on) {
  int replaced = 0, unset = 0, ignored = 0, reset = 0, closed = 0, released = 0, twice = 0;
  curlback_easy *easy = new_easy();
  CHECK(on(easy, true, &replaced, count) == CURLBACK_OK);
  CHECK(on(easy, true, &unset, count) == CURLBACK_OK);
  CHECK(replaced == 1 && unset == 0);
  CHECK(on(easy, false, &ignored, count) == CURLBACK_OK);
  CHECK(unset == 1);
  CHECK(on(easy, false, NULL, NULL) == CURLBACK_OK);

  CHECK(on(easy, true, &reset, count) == CURLBACK_OK);
  CHECK(curlback_easy_reset(easy) == CURLBACK_OK);
  CHECK(reset == 1);

  /* The same pointer registered anew is another registration. */
  CHECK(on(easy, true, &twice, count) == CURLBACK_OK);
  CHECK(on(easy, true, &twice, count) == CURLBACK_OK);
  CHECK(twice == 1);

  CHECK(on(easy, true, &closed, count) == CURLBACK_OK);
  CHECK(twice == 2 && closed == 0);
  CHECK(on(easy, true, &closed, NULL) == CURLBACK_OK); /* without drop */
  CHECK(closed == 1);
  CHECK(on(easy, true, &closed, count) == CURLBACK_OK);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
  CHECK(closed == 2);
  CHECK(on(easy, true, &ignored, count) == CURLBACK_E_HANDLE);

  easy = new_easy();
  CHECK(on(easy, true, &released, count) == CURLBACK_OK);
  curlback_easy_release(easy);
  CHECK(released == 1);
  CHECK(replaced == 1 && unset == 1 && ignored == 0 && reset == 1);
}

static void copies_share(register_fn on) {
  int shared = 0, own = 0;
  curlback_easy *first = new_easy();
  curlback_easy *copy = NULL;
  curlback_easy *third = NULL;
  CHECK(on(first, true, &shared, count) == CURLBACK_OK);
  CHECK(curlback_easy_duplicate(first, &copy) == CURLBACK_OK);
  CHECK(curlback_easy_duplicate(copy, &third) == CURLBACK_OK);
  CHECK(curlback_easy_close(first) == CURLBACK_OK);
  CHECK(shared == 0);
  CHECK(on(copy, true, &own, count) == CURLBACK_OK);
  CHECK(shared == 0);
  CHECK(curlback_easy_close(third) == CURLBACK_OK);
  CHECK(shared == 1 && own == 0);
  CHECK(curlback_easy_close(copy) == CURLBACK_OK);
  CHECK(shared == 1 && own == 1);
}

static void refused_registrations_keep_nothing(void) {
  int drops = 0;
  curlback_easy *easy = new_easy();
  CHECK(curlback_easy_body_to_memory(easy, 100) == CURLBACK_OK);
  CHECK(curlback_easy_on_write(easy, on_data, &drops, count) == CURLBACK_E_EXCLUSIVE);
  CHECK(curlback_easy_header_to_memory(easy, 100) == CURLBACK_OK);
  CHECK(curlback_easy_on_header(easy, on_data, &drops, count) == CURLBACK_E_EXCLUSIVE);
  CHECK(curlback_easy_read_from_memory(easy, "abc", 3) == CURLBACK_OK);
  CHECK(curlback_easy_on_read(easy, on_read, &drops, count) == CURLBACK_E_EXCLUSIVE);
  CHECK(curlback_easy_on_debug(NULL, on_debug, &drops, count) == CURLBACK_E_NULL);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
  CHECK(drops == 0);
}

static void groups_let_go_when_cleared(void) {
  int body = 0, header = 0, source = 0;
  curlback_easy *easy = new_easy();
  CHECK(curlback_easy_on_write(easy, on_data, &body, count) == CURLBACK_OK);
  CHECK(curlback_easy_on_header(easy, on_data, &header, count) == CURLBACK_OK);
  CHECK(curlback_easy_on_read(easy, on_read, &source, count) == CURLBACK_OK);
  CHECK(curlback_easy_clear_body(easy) == CURLBACK_OK);
  CHECK(body == 1 && header == 0 && source == 0);
  CHECK(curlback_easy_clear_header(easy) == CURLBACK_OK);
  CHECK(header == 1 && source == 0);
  CHECK(curlback_easy_clear_source(easy) == CURLBACK_OK);
  CHECK(source == 1);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
  CHECK(body == 1 && header == 1 && source == 1);
}

static void private_data(void) {
  int first = 0, second = 0;
  curlback_easy *easy = new_easy();
  curlback_easy *copy = NULL;
  CHECK(curlback_easy_set_private(easy, &first, count) == CURLBACK_OK);
  CHECK(curlback_easy_set_private(easy, &second, count) == CURLBACK_OK);
  CHECK(first == 1);
  CHECK(curlback_easy_private(easy) == &second);
  CHECK(curlback_easy_reset(easy) == CURLBACK_OK);
  CHECK(second == 0);
  CHECK(curlback_easy_duplicate(easy, &copy) == CURLBACK_OK);
  CHECK(curlback_easy_close(copy) == CURLBACK_OK);
  CHECK(second == 0);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
  CHECK(first == 1 && second == 1);
}

/* The handle that a drop was given to take with it. */
static void close_other(void *user_data) {
  CHECK(curlback_easy_close(user_data) == CURLBACK_OK);
}

static void drop_may_use_the_library(void) {
  curlback_easy *easy = new_easy();
  curlback_easy *other = new_easy();
  CHECK(curlback_easy_on_write(easy, on_data, other, close_other) == CURLBACK_OK);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
  CHECK(curlback_live_handles() == 0);
}

struct swap {
  int drops;
  int other_drops;
  bool done;
};

static void count_swap(void *user_data) {
  struct swap *swap = user_data;
  swap->drops++;
}

static int64_t replace_myself(curlback_easy *easy, const uint8_t *data, size_t len,
                              void *user_data) {
  struct swap *swap = user_data;
  (void)data;
  CHECK(!swap->done); /* the next call is the other callback's */
  swap->done = true;
  CHECK(curlback_easy_on_header(easy, on_data, &swap->other_drops, count) == CURLBACK_OK);
  CHECK(swap->drops == 0); /* not while it is still running */
  return (int64_t)len;
}

static void replaced_inside_itself(const char *url) {
  struct swap swap = {0, 0, false};
  curlback_easy *easy = new_easy();
  CHECK(curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) == CURLBACK_OK);
  CHECK(curlback_easy_on_write(easy, on_data, NULL, NULL) == CURLBACK_OK);
  CHECK(curlback_easy_on_header(easy, replace_myself, &swap, count_swap) == CURLBACK_OK);
  CHECK(curlback_easy_perform(easy) == CURLBACK_OK);
  CHECK(swap.done && swap.drops == 1 && swap.other_drops == 0);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
  CHECK(swap.drops == 1 && swap.other_drops == 1);
}

struct payloads {
  int first;
  int second;
  int interrupt;
};

static int64_t raise_three(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  struct payloads *drops = user_data;
  struct payloads before = *drops;
  (void)data;
  (void)len;
  CHECK(curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 1, "a", &drops->first, count) ==
        CURLBACK_OK);
  CHECK(curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 2, "b", &drops->second, count) ==
        CURLBACK_OK);
  CHECK(drops->first == before.first); /* the first record stands */
  CHECK(drops->second == before.second + 1);
  CHECK(curlback_easy_raise(easy, CURLBACK_RAISE_INTERRUPT, 3, "c", &drops->interrupt, count) ==
        CURLBACK_OK);
  return CURLBACK_ABORT;
}

static void payloads(const char *url) {
  struct payloads drops = {0, 0, 0};
  curlback_easy *easy = new_easy();
  CHECK(curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) == CURLBACK_OK);
  CHECK(curlback_easy_on_write(easy, on_data, NULL, NULL) == CURLBACK_OK);
  CHECK(curlback_easy_on_header(easy, raise_three, &drops, NULL) == CURLBACK_OK);

  CHECK(curlback_easy_perform(easy) == CURLBACK_E_RAISED);
  CHECK(drops.first == 1 && drops.second == 1 && drops.interrupt == 0);
  CHECK(curlback_easy_perform(easy) == CURLBACK_E_RAISED); /* the next transfer's record */
  CHECK(drops.first == 2 && drops.second == 2 && drops.interrupt == 1);

  CHECK(curlback_easy_take_payload(easy) == &drops.interrupt);
  CHECK(curlback_easy_take_payload(easy) == NULL);
  CHECK(curlback_easy_reset(easy) == CURLBACK_OK);
  CHECK(drops.interrupt == 1); /* what was taken is the caller's */

  CHECK(curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) == CURLBACK_OK);
  CHECK(curlback_easy_on_header(easy, raise_three, &drops, NULL) == CURLBACK_OK);
  CHECK(curlback_easy_perform(easy) == CURLBACK_E_RAISED);
  CHECK(curlback_easy_reset(easy) == CURLBACK_OK);
  CHECK(drops.interrupt == 2);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
  CHECK(drops.first == 3 && drops.second == 3 && drops.interrupt == 2);

  int refused = 0;
  easy = new_easy();
  CHECK(curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 1, "a", &refused, count) ==
        CURLBACK_E_NOT_IN_CALLBACK);
  CHECK(curlback_easy_close(easy) == CURLBACK_OK);
  CHECK(refused == 0);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  for (size_t i = 0; i < sizeof registrations / sizeof *registrations; i++) {
    every_way_to_let_go(registrations[i]);
    copies_share(registrations[i]);
  }
  refused_registrations_keep_nothing();
  groups_let_go_when_cleared();
  private_data();
  drop_may_use_the_library();
  replaced_inside_itself(argv[1]);
  payloads(argv[1]);
  CHECK(curlback_live_handles() == 0);
  printf("ok\n");
  return 0;
}
