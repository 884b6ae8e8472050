/* Shows: a WebSocket without a transfer. perform only connects; after it the program sends a
 * message, receives what comes back, and closes, waiting on the socket by itself.
 *
 * Compile: cc -std=c99 ws_detached.c -lcurlback
 * Run:     ./a.out ws://URL MESSAGE
 */
#define _POSIX_C_SOURCE 200809L
#include "curlback.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>

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

static curlback_result send_text(curlback_easy *easy, const char *text) {
  size_t len = strlen(text), done = 0;
  for (;;) {
    size_t sent;
    curlback_result result =
        curlback_ws_send(easy, text + done, len - done, 0, CURLBACK_WS_TEXT, &sent);
    done += sent;
    if (result != AGAIN) {
      return result;
    }
    if ((result = wait_for(easy, POLLOUT)) != CURLBACK_OK) {
      return result;
    }
  }
}

static curlback_result close_normally(curlback_easy *easy) {
  curlback_result result;
  while ((result = curlback_ws_close(easy, 1000, "done", 4)) == AGAIN) {
    if ((result = wait_for(easy, POLLOUT)) != CURLBACK_OK) {
      return result;
    }
  }
  return result;
}

/* Prints what comes, closes after the first whole message, and ends when the peer closes too. */
static curlback_result receive_all(curlback_easy *easy) {
  for (;;) {
    char buffer[1000];
    size_t received;
    curlback_ws_frame frame;
    curlback_result result = curlback_ws_recv(easy, buffer, sizeof buffer, &received, &frame);
    if (result == AGAIN) {
      result = wait_for(easy, POLLIN);
    } else if (result == CURLBACK_OK && frame.flags & CURLBACK_WS_CLOSE) {
      printf("closed\n");
      return CURLBACK_OK;
    } else if (result == CURLBACK_OK && frame.flags & (CURLBACK_WS_TEXT | CURLBACK_WS_BINARY)) {
      printf("%.*s", (int)received, buffer);
      if (frame.bytes_left == 0 && !(frame.flags & CURLBACK_WS_CONT)) {
        printf("\n");
        result = close_normally(easy);
      }
    }
    if (result != CURLBACK_OK) {
      return result;
    }
  }
}

int main(int argc, char **argv) {
  int status = 0;
  if (argc != 3) {
    fprintf(stderr, "usage: %s URL MESSAGE\n", argv[0]);
    return 1;
  }
  if (!curlback_has_callback(CURLBACK_CALLBACK_WS_MESSAGE)) {
    fprintf(stderr, "WebSocket needs libcurl 8.14 or newer, built with it; this is %s\n",
            curlback_libcurl_version());
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL || curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_int(easy, CURLBACK_OPT_CONNECT_ONLY, 2) != CURLBACK_OK ||
      curlback_easy_perform(easy) != CURLBACK_OK || send_text(easy, argv[2]) != CURLBACK_OK ||
      receive_all(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
