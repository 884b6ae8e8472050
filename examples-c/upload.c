/* Shows: an upload (PUT) whose bytes come from a callback, and can be rewound by another.
 * libcurl asks for a rewind when it must send the body again: after a redirect with 307 or 308, or
 * a login that takes more than one round.
 *
 * Compile: cc -std=c99 upload.c -lcurlback
 * Run:     ./a.out URL FILE
 */
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>

/* Fills at most capacity bytes and returns how many; 0 ends the upload. */
static int64_t on_read(curlback_easy *easy, uint8_t *buffer, size_t capacity, void *user_data) {
  FILE *file = user_data;
  size_t len = fread(buffer, 1, capacity, file);
  (void)easy;
  if (len == 0 && ferror(file)) {
    return CURLBACK_ABORT;
  }
  return (int64_t)len;
}

static int32_t on_seek(curlback_easy *easy, int64_t offset, int32_t origin, void *user_data) {
  FILE *file = user_data;
  int whence = origin == CURLBACK_ORIGIN_START     ? SEEK_SET
               : origin == CURLBACK_ORIGIN_CURRENT ? SEEK_CUR
                                                   : SEEK_END;
  (void)easy;
  if ((long)offset != offset || fseek(file, (long)offset, whence) != 0) {
    return CURLBACK_SEEK_FAIL;
  }
  return CURLBACK_SEEK_OK;
}

static int upload(curlback_easy *easy, const char *url, FILE *file, int64_t size) {
  int64_t code = 0;
  const uint8_t *answer = NULL;
  size_t len = 0;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_UPLOAD, 1) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_INFILESIZE_LARGE, size) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_FOLLOWLOCATION, 1) != CURLBACK_OK ||
      curlback_easy_on_read(easy, on_read, file, NULL) != CURLBACK_OK ||
      curlback_easy_on_seek(easy, on_seek, file, NULL) != CURLBACK_OK ||
      curlback_easy_body_to_memory(easy, 1024 * 1024) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK ||
      curlback_easy_get_int(easy, CURLBACK_INFO_RESPONSE_CODE, &code) != CURLBACK_OK ||
      curlback_easy_body(easy, &answer, &len) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  printf("%" PRId64 "\n", code);
  if (len > 0 && fwrite(answer, 1, len, stdout) != len) {
    perror("standard output");
    return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s URL FILE\n", argv[0]);
    return 1;
  }

  FILE *file = fopen(argv[2], "rb");
  if (file == NULL) {
    perror(argv[2]);
    return 1;
  }
  long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  if (size < 0 || fseek(file, 0, SEEK_SET) != 0) {
    perror(argv[2]);
    fclose(file);
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    fclose(file);
    return 1;
  }

  int status = upload(easy, argv[1], file, size);
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  fclose(file);
  return status;
}
