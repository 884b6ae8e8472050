/* Shows: a WebSocket in an ordinary transfer. What arrives comes to the write callback, which asks
 * what frame each chunk is of and answers every text with "ack". perform returns when the peer
 * closes.
 *
 * Compile: cc -std=c99 ws_callback.c -lcurlback
 * Run:     ./a.out ws://URL
 */
#include "curlback.h"
#include <stdio.h>

/* The peer says why it closes: two bytes of a code, and a text. It waits for an answer. */
static curlback_result answer_close(curlback_easy *easy, const uint8_t *data, size_t len) {
  int code = len < 2 ? 0 : data[0] << 8 | data[1];
  if (code == 0) {
    printf("closed\n");
  } else {
    printf("closed with %d: %.*s\n", code, (int)(len - 2), (const char *)data + 2);
  }
  return curlback_ws_close(easy, (uint16_t)code, NULL, 0);
}

static int64_t on_chunk(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  curlback_ws_frame frame;
  size_t sent;
  (void)user_data;
  if (curlback_ws_meta(easy, &frame) != CURLBACK_OK) {
    return CURLBACK_ABORT;
  }
  if (frame.flags & CURLBACK_WS_CLOSE) {
    return answer_close(easy, data, len) == CURLBACK_OK ? CURLBACK_ALL : CURLBACK_ABORT;
  }
  if (frame.flags & CURLBACK_WS_TEXT) {
    printf("text chunk: %.*s\n", (int)len, (const char *)data);
    /* The end of the message, and not just of a chunk or a fragment: it is time for an answer.
     * Inside a callback this returns when all of it is written. */
    if (frame.bytes_left == 0 && !(frame.flags & CURLBACK_WS_CONT) &&
        curlback_ws_send(easy, "ack", 3, 0, CURLBACK_WS_BINARY, &sent) != CURLBACK_OK) {
      return CURLBACK_ABORT;
    }
  }
  return CURLBACK_ALL;
}

int main(int argc, char **argv) {
  int status = 0;
  if (argc != 2) {
    fprintf(stderr, "usage: %s URL\n", argv[0]);
    return 1;
  }
  if (!curlback_has_callback(CURLBACK_CALLBACK_WS_MESSAGE)) {
    fprintf(stderr, "WebSocket needs libcurl 8.14 or newer, built with it; this is %s\n",
            curlback_libcurl_version());
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL || curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_chunk, NULL, NULL) != CURLBACK_OK ||
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
