/* The measure that transfer_curlback.c is compared with: the same program on libcurl itself.
 *
 * Run: transfer_libcurl download URL   one GET
 *      transfer_libcurl small URL      1,000 GETs on one handle
 */
#include <curl/curl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static size_t on_body(char *data, size_t size, size_t len, void *user_data) {
  uint64_t *total = user_data;
  (void)data;
  *total += size * len;
  return size * len;
}

int main(int argc, char **argv) {
  int transfers = 0;
  if (argc == 3 && strcmp(argv[1], "download") == 0) {
    transfers = 1;
  } else if (argc == 3 && strcmp(argv[1], "small") == 0) {
    transfers = 1000;
  } else {
    fprintf(stderr, "usage: %s download|small URL\n", argv[0]);
    return 1;
  }

  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return 1;
  }
  CURL *curl = curl_easy_init();
  if (curl == NULL) {
    curl_global_cleanup();
    return 1;
  }

  char text[CURL_ERROR_SIZE] = "";
  uint64_t total = 0;
  long code = 0;
  CURLcode result = curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
  if (result == CURLE_OK) {
    result = curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  }
  if (result == CURLE_OK) {
    result = curl_easy_setopt(curl, CURLOPT_URL, argv[2]);
  }
  if (result == CURLE_OK) {
    result = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  }
  if (result == CURLE_OK) {
    result = curl_easy_setopt(curl, CURLOPT_WRITEDATA, &total);
  }
  for (int i = 0; result == CURLE_OK && i < transfers; i++) {
    result = curl_easy_perform(curl);
  }
  if (result == CURLE_OK) {
    result = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
  }

  int status = result == CURLE_OK && code == 200 ? 0 : 1;
  if (status == 0) {
    printf("%" PRIu64 "\n", total);
  } else {
    fprintf(stderr, "%d, HTTP %ld: %s\n", (int)result, code,
            text[0] != '\0' ? text : curl_easy_strerror(result));
  }
  curl_easy_cleanup(curl);
  curl_global_cleanup();
  return status;
}
