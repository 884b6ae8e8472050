/* Shows: a connection that libcurl makes, with its proxies, TLS and timeouts, and the program uses:
 * HTTP written by hand.
 *
 * Compile: cc -std=c99 raw_connection.c -lcurlback
 * Run:     ./a.out URL PATH
 */
#define _POSIX_C_SOURCE 200809L
#include "curlback.h"
#include <poll.h>
#include <stdio.h>

/* What libcurl says where the socket has nothing, or takes nothing. */
#define AGAIN 81

static curlback_result wait_for(curlback_easy *easy, short events) {
  struct pollfd socket = {-1, events, 0};
  int64_t fd = -1;
  curlback_result result = curlback_easy_get_int(easy, CURLBACK_INFO_ACTIVESOCKET, &fd);
  if (result == CURLBACK_OK) {
    socket.fd = (int)fd;
    poll(&socket, 1, 1000);
  }
  return result;
}

static curlback_result send_all(curlback_easy *easy, const char *data, size_t len) {
  while (len > 0) {
    size_t sent;
    curlback_result result = curlback_easy_send(easy, data, len, &sent);
    if (result == AGAIN) {
      result = wait_for(easy, POLLOUT);
    }
    if (result != CURLBACK_OK) {
      return result;
    }
    data += sent;
    len -= sent;
  }
  return CURLBACK_OK;
}

/* Prints what comes until the peer closes the connection: 0 bytes. */
static curlback_result print_all(curlback_easy *easy) {
  for (;;) {
    char buffer[1000];
    size_t received;
    curlback_result result = curlback_easy_recv(easy, buffer, sizeof buffer, &received);
    if (result == AGAIN) {
      result = wait_for(easy, POLLIN);
    } else if (result == CURLBACK_OK && received == 0) {
      return CURLBACK_OK;
    } else if (result == CURLBACK_OK) {
      fwrite(buffer, 1, received, stdout);
    }
    if (result != CURLBACK_OK) {
      return result;
    }
  }
}

int main(int argc, char **argv) {
  char request[1000];
  int len, status = 0;
  if (argc != 3) {
    fprintf(stderr, "usage: %s URL PATH\n", argv[0]);
    return 1;
  }
  len = snprintf(request, sizeof request,
                 "GET %s HTTP/1.1\r\nHost: by-hand\r\nConnection: close\r\n\r\n", argv[2]);
  if (len < 0 || (size_t)len >= sizeof request) {
    fprintf(stderr, "the path is too long\n");
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL || curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_CONNECT_ONLY, 1) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK ||
      send_all(easy, request, (size_t)len) != CURLBACK_OK || print_all(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
