/* Shows: a directory of an FTP server, listed by a regular expression in place of libcurl's own
 * patterns. Nothing is downloaded: each file that matches is looked at and skipped.
 *
 * Compile: cc -std=c99 ftp_match.c -lcurlback
 * Run:     ./a.out ftp://HOST/DIRECTORY/ANY REGEX
 *          (there has to be something behind the last slash, which then is not used)
 */
#include "curlback.h"
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>

static int32_t on_match(curlback_easy *easy, const char *pattern, const char *string,
                        void *user_data) {
  (void)easy;
  (void)pattern;
  switch (regexec(user_data, string, 0, NULL, 0)) {
  case 0:
    return CURLBACK_FNMATCH_MATCH;
  case REG_NOMATCH:
    return CURLBACK_FNMATCH_NOMATCH;
  default:
    return CURLBACK_FNMATCH_FAIL;
  }
}

static int32_t on_file(curlback_easy *easy, const curlback_file_info *file, int32_t remaining,
                       void *user_data) {
  (void)easy;
  (void)remaining;
  (void)user_data;
  printf("%s %" PRId64 "\n", file->name, file->size);
  return CURLBACK_CHUNK_SKIP;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s URL REGEX\n", argv[0]);
    return 1;
  }
  regex_t regex;
  int wrong = regcomp(&regex, argv[2], REG_EXTENDED | REG_NOSUB);
  if (wrong != 0) {
    char reason[128];
    regerror(wrong, &regex, reason, sizeof reason);
    fprintf(stderr, "%s: %s\n", argv[2], reason);
    return 1;
  }
  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    regfree(&regex);
    return 1;
  }

  int status = 0;
  if (curlback_easy_on_fnmatch(easy, on_match, &regex, NULL) != CURLBACK_OK ||
      curlback_easy_on_chunk_begin(easy, on_file, NULL, NULL) != CURLBACK_OK ||
      curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_WILDCARDMATCH, 1) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  regfree(&regex);
  return status;
}
