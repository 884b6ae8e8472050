/* Shows: a chunked upload (PUT) of a file whose size and checksum follow it as trailers, because
 * they are known only once it has been sent.
 *
 * Compile: cc -std=c99 trailers.c -lcurlback
 * Run:     ./a.out URL FILE
 */
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>

struct upload {
  FILE *file;
  uint64_t size;
  uint32_t sum; /* FNV-1a */
};

static int64_t on_read(curlback_easy *easy, uint8_t *buffer, size_t capacity, void *user_data) {
  struct upload *upload = user_data;
  size_t len = fread(buffer, 1, capacity, upload->file);
  (void)easy;
  if (len == 0 && ferror(upload->file)) {
    return CURLBACK_ABORT;
  }
  for (size_t i = 0; i < len; i++) {
    upload->sum = (upload->sum ^ buffer[i]) * 16777619;
  }
  upload->size += len;
  return (int64_t)len;
}

/* Called after the last byte of the body. */
static int32_t on_trailer(curlback_easy *easy, curlback_trailers *trailers, void *user_data) {
  const struct upload *upload = user_data;
  char line[64];
  (void)easy;
  snprintf(line, sizeof line, "X-Size: %" PRIu64, upload->size);
  if (curlback_trailers_add(trailers, line) != CURLBACK_OK) {
    return CURLBACK_TRAILER_ABORT;
  }
  snprintf(line, sizeof line, "X-Checksum: %08" PRIx32, upload->sum);
  if (curlback_trailers_add(trailers, line) != CURLBACK_OK) {
    return CURLBACK_TRAILER_ABORT;
  }
  return CURLBACK_TRAILER_OK;
}

static int send_file(curlback_easy *easy, const char *url, struct upload *upload) {
  const char *headers[] = {"Trailer: X-Size, X-Checksum"};
  const uint8_t *answer = NULL;
  size_t len = 0;
  /* No size is set, so libcurl sends chunks, and only those can have trailers. */
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_UPLOAD, 1) != CURLBACK_OK ||
      curlback_easy_set_list(easy, CURLBACK_OPT_HTTPHEADER, headers, 1) != CURLBACK_OK ||
      curlback_easy_on_read(easy, on_read, upload, NULL) != CURLBACK_OK ||
      curlback_easy_on_trailer(easy, on_trailer, upload, NULL) != CURLBACK_OK ||
      curlback_easy_header_to_memory(easy, 1024 * 1024) != CURLBACK_OK ||
      curlback_easy_body_to_memory(easy, 1024 * 1024) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK ||
      curlback_easy_header(easy, &answer, &len) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  if (len > 0 && fwrite(answer, 1, len, stdout) != len) {
    perror("standard output");
    return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  struct upload upload = {NULL, 0, 2166136261};
  if (argc != 3) {
    fprintf(stderr, "usage: %s URL FILE\n", argv[0]);
    return 1;
  }
  upload.file = fopen(argv[2], "rb");
  if (upload.file == NULL) {
    perror(argv[2]);
    return 1;
  }
  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    fclose(upload.file);
    return 1;
  }

  int status = send_file(easy, argv[1], &upload);
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  fclose(upload.file);
  return status;
}
