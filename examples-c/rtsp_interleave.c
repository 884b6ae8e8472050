/* Shows: what an RTSP server sends between its answers on the same connection: a session is set up,
 * plays, and each packet that comes meanwhile is handed to a callback with its four bytes of
 * framing.
 *
 * Compile: cc -std=c99 rtsp_interleave.c -lcurlback
 * Run:     ./a.out rtsp://HOST/STREAM
 */
#include "curlback.h"
#include <stdio.h>

/* libcurl's CURL_RTSPREQ_* */
enum { RTSP_SETUP = 4, RTSP_PLAY = 5, RTSP_TEARDOWN = 7 };

static int64_t on_interleave(curlback_easy *easy, const uint8_t *data, size_t len,
                             void *user_data) {
  int *packets = user_data;
  if (len < 4 || data[0] != '$') {
    curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 0, "this is no packet", NULL, NULL);
    return CURLBACK_ABORT;
  }
  printf("channel %u: %zu bytes\n", data[1], len - 4);
  ++*packets;
  return CURLBACK_ALL;
}

static curlback_result request(curlback_easy *easy, int64_t which) {
  curlback_result result = curlback_easy_set_int(easy, CURLBACK_OPT_RTSP_REQUEST, which);
  return result != CURLBACK_OK ? result : curlback_easy_perform(easy);
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
  int packets = 0;
  const char *transport = "RTP/AVP/TCP;unicast;interleaved=0-1";
  if (curlback_easy_on_interleave(easy, on_interleave, &packets, NULL) != CURLBACK_OK ||
      curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_str(easy, CURLBACK_OPT_RTSP_STREAM_URI, argv[1]) != CURLBACK_OK ||
      curlback_easy_set_str(easy, CURLBACK_OPT_RTSP_TRANSPORT, transport) != CURLBACK_OK ||
      request(easy, RTSP_SETUP) != CURLBACK_OK || request(easy, RTSP_PLAY) != CURLBACK_OK ||
      request(easy, RTSP_TEARDOWN) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  printf("%d packets\n", packets);
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  return status;
}
