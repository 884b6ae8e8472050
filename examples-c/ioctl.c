/* Shows: on_ioctl, the former way to have a body sent again from its beginning. on_seek, as in
 * upload.c, can do more: libcurl has deprecated this one, and leaves it out where both are set.
 *
 * Compile: cc -std=c99 ioctl.c -lcurlback
 * Run:     ./a.out URL FILE
 */
#include "curlback.h"
#include <stdio.h>

static int64_t on_read(curlback_easy *easy, uint8_t *buffer, size_t capacity, void *user_data) {
  FILE *file = user_data;
  size_t len = fread(buffer, 1, capacity, file);
  (void)easy;
  return len == 0 && ferror(file) ? (int64_t)CURLBACK_ABORT : (int64_t)len;
}

static int32_t on_ioctl(curlback_easy *easy, int32_t command, void *user_data) {
  FILE *file = user_data;
  (void)easy;
  if (command != CURLBACK_IOCTL_RESTART_READ) {
    return CURLBACK_IOCTL_UNKNOWN_COMMAND;
  }
  fprintf(stderr, "from the beginning\n");
  return fseek(file, 0, SEEK_SET) == 0 ? CURLBACK_IOCTL_OK : CURLBACK_IOCTL_FAIL_RESTART;
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
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    fclose(file);
    return 1;
  }

  int status = 0;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_UPLOAD, 1) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_FOLLOWLOCATION, 1) != CURLBACK_OK ||
      curlback_easy_on_read(easy, on_read, file, NULL) != CURLBACK_OK ||
      curlback_easy_on_ioctl(easy, on_ioctl, file, NULL) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  fclose(file);
  return status;
}
