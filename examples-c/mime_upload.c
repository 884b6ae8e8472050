/* Shows: a form (multipart/form-data) with a field from memory and a file that callbacks supply.
 * The read callback gets the handle that performs, so it can say why it fails. libcurl asks for a
 * rewind when it must send the form again: after a redirect with 307 or 308, say.
 *
 * Compile: cc -std=c99 mime_upload.c -lcurlback
 * Run:     ./a.out URL FILE
 */
#include "curlback.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Fills at most capacity bytes and returns how many; 0 ends the part. */
static int64_t on_read(curlback_easy *easy, uint8_t *buffer, size_t capacity, void *user_data) {
  FILE *file = user_data;
  size_t len = fread(buffer, 1, capacity, file);
  if (len == 0 && ferror(file)) {
    curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, errno, strerror(errno), NULL, NULL);
    return CURLBACK_ABORT;
  }
  return (int64_t)len;
}

/* libcurl goes to the beginning only. */
static int32_t on_seek(curlback_easy *easy, int64_t offset, int32_t origin, void *user_data) {
  (void)easy;
  if (offset != 0 || origin != CURLBACK_ORIGIN_START || fseek(user_data, 0, SEEK_SET) != 0) {
    return CURLBACK_SEEK_FAIL;
  }
  return CURLBACK_SEEK_OK;
}

/* The mime owns the file once this part has it. */
static void close_file(void *user_data) {
  fclose(user_data);
}

static int add_parts(curlback_mime *mime, FILE *file, const char *name) {
  curlback_mime_part *field = curlback_mime_add(mime);
  curlback_mime_part *part = curlback_mime_add(mime);
  const char *const headers[] = {"X-Supplied-By: a callback"};
  /* NULL parts, where memory ran out, are refused by each function. */
  return curlback_mime_part_name(field, "comment") == CURLBACK_OK &&
         curlback_mime_part_data(field, "from memory", strlen("from memory")) == CURLBACK_OK &&
         curlback_mime_part_name(part, "file") == CURLBACK_OK &&
         curlback_mime_part_filename(part, name) == CURLBACK_OK &&
         curlback_mime_part_type(part, "text/plain") == CURLBACK_OK &&
         curlback_mime_part_headers(part, headers, 1) == CURLBACK_OK &&
         curlback_mime_part_callbacks(part, -1, on_read, on_seek, file, close_file) == CURLBACK_OK;
}

static int upload(curlback_easy *easy, const char *url, curlback_mime *mime) {
  int64_t code = 0;
  const uint8_t *answer = NULL;
  size_t len = 0;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_FOLLOWLOCATION, 1) != CURLBACK_OK ||
      curlback_easy_set_mime(easy, mime) != CURLBACK_OK ||
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
  return code != 200;
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

  curlback_easy *easy = curlback_easy_new();
  curlback_mime *mime = easy == NULL ? NULL : curlback_mime_new(easy);
  if (mime == NULL || !add_parts(mime, file, "input.txt")) {
    fprintf(stderr, "%s\n", curlback_last_error());
    fclose(file);
    curlback_mime_release(mime);
    curlback_easy_release(easy);
    return 1;
  }

  int status = upload(easy, argv[1], mime);
  /* The handle has the mime set: it goes first. */
  if (curlback_easy_close(easy) != CURLBACK_OK || curlback_mime_close(mime) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
