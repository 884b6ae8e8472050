/* Shows: a filter of addresses that keeps a program from reaching private networks, whatever a URL
 * or a redirect says. The callback looks at the address that libcurl is about to connect to, after
 * the name was resolved, and leaves the opening to the library.
 *
 * Compile: cc -std=c99 address_filter.c -lcurlback
 * Run:     ./a.out URL   (exits 1 with the reason where the URL leads to a private network)
 */
#include "curlback.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Whether a numeric IPv4 address is of a network that is not the public one. */
static int is_private_ipv4(const char *host) {
  unsigned a = 0, b = 0;
  if (sscanf(host, "%u.%u.", &a, &b) != 2) {
    return 1;
  }
  return a == 0 || a == 10 || a == 127 || a >= 224 || (a == 100 && b >= 64 && b < 128) ||
         (a == 169 && b == 254) || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168);
}

/* Whether a numeric IPv6 address is not of the global unicast range, 2000::/3: its first group has
 * four digits, and begins with 2 or 3. Those of 2002::/16 can stand for any IPv4 address. */
static int is_private_ipv6(const char *host) {
  return strcspn(host, ":") != 4 || (host[0] != '2' && host[0] != '3') ||
         strncmp(host, "2002", 4) == 0;
}

static curlback_socket filter(curlback_easy *easy, int32_t purpose, const curlback_address *address,
                              void *user_data) {
  (void)purpose;
  (void)user_data;
  int public = (address->family == AF_INET && !is_private_ipv4(address->host)) ||
               (address->family == AF_INET6 && !is_private_ipv6(address->host));
  if (public) {
    return CURLBACK_SOCKET_DEFAULT;
  }
  char reason[128];
  snprintf(reason, sizeof reason, "%s is not on a public network",
           address->family == AF_UNIX || address->host == NULL ? "the address" : address->host);
  if (curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 1, reason, NULL, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
  }
  return CURLBACK_SOCKET_BAD;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s URL\n", argv[0]);
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  int status = 0;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_FOLLOWLOCATION, 1) != CURLBACK_OK ||
      curlback_easy_on_open_socket(easy, filter, NULL, NULL) != CURLBACK_OK ||
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
