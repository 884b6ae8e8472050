/* Shows: who opens and closes the sockets of connections, and that a connection outlives its
 * transfer: two transfers need one socket, which is closed when the handle is.
 *
 * Compile: cc -std=c99 socket_lifetimes.c -lcurlback
 * Run:     ./a.out URL   (fetches it twice)
 */
#include "curlback.h"
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct sockets {
  int opened;
  int closed;
};

static curlback_socket on_open(curlback_easy *easy, int32_t purpose,
                               const curlback_address *address, void *user_data) {
  struct sockets *sockets = user_data;
  (void)easy;
  (void)purpose;
  int opened = socket(address->family, address->socktype, address->protocol);
  if (opened < 0) {
    perror("socket");
    return CURLBACK_SOCKET_BAD;
  }
  sockets->opened++;
  printf("socket %d opened for %s\n", sockets->opened,
         address->host != NULL ? address->host : "an address of another kind");
  return opened;
}

/* The handle is NULL where a connection outlives it, as it can where handles share them. */
static int32_t on_close(curlback_easy *easy, curlback_socket socket, void *user_data) {
  struct sockets *sockets = user_data;
  (void)easy;
  sockets->closed++;
  printf("socket closed, %d of %d\n", sockets->closed, sockets->opened);
  return close((int)socket);
}

static int64_t on_body(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  (void)easy;
  (void)data;
  (void)len;
  (void)user_data;
  return CURLBACK_ALL;
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
  struct sockets sockets = {0, 0};
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_on_open_socket(easy, on_open, &sockets, NULL) != CURLBACK_OK ||
      curlback_easy_on_close_socket(easy, on_close, &sockets, NULL) != CURLBACK_OK ||
      curlback_easy_on_write(easy, on_body, NULL, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  for (int i = 1; i <= 2 && status == 0; i++) {
    if (curlback_easy_perform(easy) != CURLBACK_OK) {
      fprintf(stderr, "%s\n", curlback_last_error());
      status = 1;
    } else {
      printf("transfer %d is done\n", i);
    }
  }
  if (curlback_easy_close(easy) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    status = 1;
  }
  if (sockets.opened != sockets.closed) {
    fprintf(stderr, "%d sockets were opened, %d closed\n", sockets.opened, sockets.closed);
    status = 1;
  }
  return status;
}
