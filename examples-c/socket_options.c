/* Shows: setting options of each socket before it is connected: what the system is to buffer, and
 * how soon it is to notice a peer that is gone. For FTP in active mode, where the server connects
 * to the client for the data, that connection comes with the purpose ACCEPT.
 *
 * Compile: cc -std=c99 socket_options.c -lcurlback
 * Run:     ./a.out URL [ADDRESS]   (with ADDRESS, FTP is active and listens there)
 */
#include "curlback.h"
#include <stdio.h>
#include <sys/socket.h>

static int32_t on_sockopt(curlback_easy *easy, curlback_socket socket, int32_t purpose,
                          void *user_data) {
  int size = 256 * 1024;
  int on = 1;
  (void)user_data;
  if (setsockopt((int)socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) != 0 ||
      setsockopt((int)socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) != 0) {
    curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 0, "the system refuses an option", NULL, NULL);
    return CURLBACK_SOCKOPT_ERROR;
  }
  socklen_t length = sizeof size;
  if (getsockopt((int)socket, SOL_SOCKET, SO_RCVBUF, &size, &length) != 0) {
    return CURLBACK_SOCKOPT_ERROR;
  }
  fprintf(stderr, "a socket %s, with %d bytes to receive into\n",
          purpose == CURLBACK_SOCKET_ACCEPT ? "that was accepted" : "to connect", size);
  return CURLBACK_SOCKOPT_OK;
}

int main(int argc, char **argv) {
  if (argc != 2 && argc != 3) {
    fprintf(stderr, "usage: %s URL [ADDRESS]\n", argv[0]);
    return 1;
  }

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  int status = 0;
  const char *address = argc == 3 ? argv[2] : NULL;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      (address != NULL &&
       curlback_easy_set_str(easy, CURLBACK_OPT_FTPPORT, address) != CURLBACK_OK) ||
      curlback_easy_on_sockopt(easy, on_sockopt, NULL, NULL) != CURLBACK_OK ||
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
