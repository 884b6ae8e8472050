/* Shows: downloading every file of an FTP directory whose name matches a pattern, each into a file
 * of its own. What is no regular file, and what is bigger than a limit, is left out.
 *
 * Compile: cc -std=c99 ftp_wildcard.c -lcurlback
 * Run:     ./a.out 'ftp://HOST/DIRECTORY/PATTERN' DIRECTORY
 */
#include "curlback.h"
#include <stdio.h>
#include <string.h>

enum { MAX_SIZE = 1000000 };

struct download {
  const char *directory;
  FILE *file; /* the one that is being downloaded */
  int files;
};

static int32_t on_begin(curlback_easy *easy, const curlback_file_info *info, int32_t remaining,
                        void *user_data) {
  struct download *download = user_data;
  printf("%3d left: %s, %lld bytes, %s\n", (int)remaining, info->name, (long long)info->size,
         info->permissions_text == NULL ? "permissions unknown" : info->permissions_text);
  if (info->type != CURLBACK_FILE_REGULAR || info->size > MAX_SIZE) {
    return CURLBACK_CHUNK_SKIP;
  }
  /* A server is not to write outside of the directory. */
  if (strpbrk(info->name, "/\\") != NULL) {
    return CURLBACK_CHUNK_SKIP;
  }
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/%s", download->directory, info->name);
  if (length > 0 && (size_t)length < sizeof path) {
    download->file = fopen(path, "wb");
  }
  if (download->file == NULL) {
    curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 0, "cannot create a file", NULL, NULL);
    return CURLBACK_CHUNK_FAIL;
  }
  return CURLBACK_CHUNK_OK;
}

static int64_t on_data(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  struct download *download = user_data;
  (void)easy;
  if (download->file == NULL || fwrite(data, 1, len, download->file) != len) {
    return CURLBACK_ABORT;
  }
  return CURLBACK_ALL;
}

/* Called for files that were left out as well. */
static int32_t on_end(curlback_easy *easy, void *user_data) {
  struct download *download = user_data;
  (void)easy;
  if (download->file == NULL) {
    return CURLBACK_CHUNK_OK;
  }
  int closed = fclose(download->file);
  download->file = NULL;
  download->files++;
  return closed == 0 ? CURLBACK_CHUNK_OK : CURLBACK_CHUNK_FAIL;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s URL DIRECTORY\n", argv[0]);
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  struct download download = {argv[2], NULL, 0};
  int status = 0;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_WILDCARDMATCH, 1) != CURLBACK_OK ||
      curlback_easy_on_chunk_begin(easy, on_begin, &download, NULL) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_data, &download, NULL) != CURLBACK_OK ||
      curlback_easy_on_chunk_end(easy, on_end, &download, NULL) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  printf("%d files downloaded\n", download.files);
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  if (download.file != NULL) {
    fclose(download.file);
  }
  return status;
}
