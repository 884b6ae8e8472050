/* Shows: which hosts want HTTPS, kept in a file of the application's own: read before the transfer,
 * written when the handle closes. Each line is a host, when that expires in seconds since 1970, and
 * whether the names below it are meant too.
 *
 * Compile: cc -std=c99 hsts_file.c -lcurlback
 * Run:     ./a.out URL FILE [CERTIFICATE]   (of an authority to trust in place of the system's)
 */
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct hosts {
  const char *path;
  FILE *file; /* open while it is read or written */
};

static int32_t on_read(curlback_easy *easy, curlback_hsts_slot *slot, void *user_data) {
  struct hosts *hosts = user_data;
  char host[256];
  int64_t expire = 0;
  int subdomains = 0;
  (void)easy;
  if (hosts->file == NULL ||
      fscanf(hosts->file, "%255s %" SCNd64 " %d", host, &expire, &subdomains) != 3) {
    return CURLBACK_HSTS_DONE;
  }
  printf("known: %s\n", host);
  if (curlback_hsts_fill(slot, host, strlen(host), expire, subdomains != 0) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return CURLBACK_HSTS_FAIL;
  }
  return CURLBACK_HSTS_OK;
}

/* Called while the handle closes: it is no longer good for anything but its private data. */
static int32_t on_write(curlback_easy *easy, const curlback_hsts_entry *entry, size_t index,
                        size_t total, void *user_data) {
  struct hosts *hosts = user_data;
  (void)easy;
  printf("kept: %s, %zu of %zu\n", entry->host, index + 1, total);
  if (fprintf(hosts->file, "%s %" PRId64 " %d\n", entry->host, entry->expire,
              entry->include_subdomains ? 1 : 0) < 0) {
    perror(hosts->path);
    return CURLBACK_HSTS_FAIL;
  }
  return CURLBACK_HSTS_OK;
}

static int fetch(curlback_easy *easy, const char *url, const char *authority, struct hosts *hosts) {
  const char *used = NULL;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
      (authority != NULL &&
       curlback_easy_set_str(easy, CURLBACK_OPT_CAINFO, authority) != CURLBACK_OK) ||
      curlback_easy_on_hsts_read(easy, on_read, hosts, NULL) != CURLBACK_OK ||
      curlback_easy_on_hsts_write(easy, on_write, hosts, NULL) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK ||
      curlback_easy_get_str(easy, CURLBACK_INFO_EFFECTIVE_URL, &used) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  printf("fetched: %s\n", used);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: %s URL FILE [CERTIFICATE]\n", argv[0]);
    return 1;
  }
  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  /* Where there is no such file yet, nothing is known. */
  struct hosts hosts = {argv[2], fopen(argv[2], "r")};
  int status = fetch(easy, argv[1], argc == 4 ? argv[3] : NULL, &hosts);
  if (hosts.file != NULL) {
    fclose(hosts.file);
  }
  /* What failed may not have read everything: the file then stays as it is. */
  hosts.file = status == 0 ? fopen(argv[2], "w") : NULL;
  if (hosts.file == NULL) {
    if (status == 0) {
      perror(argv[2]);
    }
    curlback_easy_on_hsts_write(easy, NULL, NULL, NULL);
    status = 1;
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  if (hosts.file != NULL && fclose(hosts.file) != 0) {
    perror(argv[2]);
    status = 1;
  }
  return status;
}
