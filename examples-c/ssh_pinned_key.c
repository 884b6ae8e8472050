/* Shows: an SSH server whose host key the application knows, so that there is no known-hosts file
 * and nobody to ask: any other key is refused.
 *
 * Compile: cc -std=c99 ssh_pinned_key.c -lcurlback
 * Run:     ./a.out sftp://USER@HOST/PATH KEY PRIVATE_KEY
 *          (prints the file; KEY is the base64 text in the server's ssh_host_*_key.pub)
 */
#include "curlback.h"
#include <stdio.h>
#include <string.h>

/* Whether the text is what the bytes are in base64. */
static int is_base64_of(const char *text, const uint8_t *bytes, size_t len) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (strlen(text) != (len + 2) / 3 * 4) {
    return 0;
  }
  for (size_t i = 0; i < len; i += 3, text += 4) {
    size_t left = len - i;
    unsigned long bits = (unsigned long)bytes[i] << 16;
    bits |= left > 1 ? (unsigned long)bytes[i + 1] << 8 : 0;
    bits |= left > 2 ? (unsigned long)bytes[i + 2] : 0;
    if (text[0] != digits[bits >> 18 & 63] || text[1] != digits[bits >> 12 & 63] ||
        text[2] != (left > 1 ? digits[bits >> 6 & 63] : '=') ||
        text[3] != (left > 2 ? digits[bits & 63] : '=')) {
      return 0;
    }
  }
  return 1;
}

/* A key that is found comes as bytes. */
static int32_t on_host_key(curlback_easy *easy, const curlback_ssh_key *found, void *user_data) {
  const char *pinned = user_data;
  if (!found->base64 && is_base64_of(pinned, found->key, found->len)) {
    return CURLBACK_SSH_ACCEPT;
  }
  curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 0, "the server has another key", NULL, NULL);
  return CURLBACK_SSH_REJECT;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s URL KEY PRIVATE_KEY\n", argv[0]);
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  int status = 0;
  if (curlback_easy_on_ssh_host_key(easy, on_host_key, argv[2], NULL) != CURLBACK_OK ||
      curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_str(easy, CURLBACK_OPT_SSH_PRIVATE_KEYFILE, argv[3]) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
