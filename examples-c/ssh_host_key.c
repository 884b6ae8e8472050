/* Shows: asking at the terminal whether the host key of an SSH server is the right one, and
 * keeping the answer in a known-hosts file. Without an answer no key is accepted.
 *
 * Compile: cc -std=c99 ssh_host_key.c -lcurlback
 * Run:     ./a.out sftp://USER@HOST/PATH KNOWN_HOSTS PRIVATE_KEY   (prints the file)
 */
#include "curlback.h"
#include <stdio.h>
#include <string.h>

static const char *sort(int32_t type) {
  switch (type) {
  case CURLBACK_SSH_KEY_RSA:
    return "ssh-rsa";
  case CURLBACK_SSH_KEY_ECDSA:
    return "ecdsa";
  case CURLBACK_SSH_KEY_ED25519:
    return "ssh-ed25519";
  default:
    return "an old sort";
  }
}

/* Prints a key as it stands in the server's ssh_host_*_key.pub. */
static void print_key(const char *whose, const curlback_ssh_key *key) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  fprintf(stderr, "%s: %s ", whose, sort(key->type));
  if (key->base64) {
    fprintf(stderr, "%.*s\n", (int)key->len, (const char *)key->key);
    return;
  }
  for (size_t i = 0; i < key->len; i += 3) {
    size_t left = key->len - i;
    unsigned long bits = (unsigned long)key->key[i] << 16;
    bits |= left > 1 ? (unsigned long)key->key[i + 1] << 8 : 0;
    bits |= left > 2 ? (unsigned long)key->key[i + 2] : 0;
    fputc(digits[bits >> 18 & 63], stderr);
    fputc(digits[bits >> 12 & 63], stderr);
    fputc(left > 1 ? digits[bits >> 6 & 63] : '=', stderr);
    fputc(left > 2 ? digits[bits & 63] : '=', stderr);
  }
  fputc('\n', stderr);
}

/* Whether exactly this word is typed. */
static int typed(const char *word) {
  char line[80] = "";
  if (fgets(line, sizeof line, stdin) == NULL) {
    return 0;
  }
  line[strcspn(line, "\r\n")] = '\0';
  return strcmp(line, word) == 0;
}

static int32_t on_key(curlback_easy *easy, const curlback_ssh_key *known,
                      const curlback_ssh_key *found, int32_t match, void *user_data) {
  (void)easy;
  (void)user_data;
  if (match == CURLBACK_SSH_MATCH) {
    return CURLBACK_SSH_ACCEPT;
  }
  if (known != NULL) {
    fprintf(stderr, "The server's key has changed. Somebody may be listening in.\n");
    print_key("known", known);
    print_key("found", found);
    fprintf(stderr, "Type replace to go on with the new key: ");
    return typed("replace") ? CURLBACK_SSH_REPLACE : CURLBACK_SSH_REJECT;
  }
  fprintf(stderr, "The server is not known yet.\n");
  print_key("found", found);
  fprintf(stderr, "Type yes if that is its key: ");
  return typed("yes") ? CURLBACK_SSH_ADD_TO_FILE : CURLBACK_SSH_REJECT;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s URL KNOWN_HOSTS PRIVATE_KEY\n", argv[0]);
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  int status = 0;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_str(easy, CURLBACK_OPT_SSH_KNOWNHOSTS, argv[2]) != CURLBACK_OK ||
      curlback_easy_set_str(easy, CURLBACK_OPT_SSH_PRIVATE_KEYFILE, argv[3]) != CURLBACK_OK ||
      curlback_easy_on_ssh_key(easy, on_key, NULL, NULL) != CURLBACK_OK ||
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
