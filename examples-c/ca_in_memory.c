/* Shows: trusting an authority whose certificate is in memory, and no other, with OpenSSL's own
 * functions: the callback is given the SSL_CTX of each connection before it is used. Here the
 * certificate is read from a file; an application would have it compiled in.
 *
 * Compile: cc -std=c99 ca_in_memory.c -lcurlback -lssl -lcrypto
 * Run:     ./a.out https://HOST/ CERTIFICATE
 */
#include "curlback.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>

enum { SSL_CACERT_BADFILE = 77 /* libcurl's CURLE_SSL_CACERT_BADFILE */ };

struct certificate {
  char pem[16384];
  size_t len;
};

static int trust(X509_STORE *store, const struct certificate *certificate) {
  BIO *memory = BIO_new_mem_buf(certificate->pem, (int)certificate->len);
  X509 *authority = memory != NULL ? PEM_read_bio_X509(memory, NULL, NULL, NULL) : NULL;
  int trusted = authority != NULL && X509_STORE_add_cert(store, authority) == 1;
  X509_free(authority);
  BIO_free(memory);
  return trusted;
}

static int32_t on_ssl_ctx(curlback_easy *easy, void *ssl_ctx, void *user_data) {
  /* A store of its own, in place of the one that libcurl has filled. */
  X509_STORE *store = X509_STORE_new();
  if (store == NULL || !trust(store, user_data)) {
    X509_STORE_free(store);
    ERR_clear_error();
    curlback_easy_raise(easy, CURLBACK_RAISE_ERROR, 0, "this is no certificate", NULL, NULL);
    return SSL_CACERT_BADFILE;
  }
  SSL_CTX_set_cert_store(ssl_ctx, store);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s URL CERTIFICATE\n", argv[0]);
    return 1;
  }
  static struct certificate certificate;
  FILE *file = fopen(argv[2], "rb");
  if (file == NULL) {
    perror(argv[2]);
    return 1;
  }
  certificate.len = fread(certificate.pem, 1, sizeof certificate.pem, file);
  fclose(file);

  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }

  int status = 0;
  if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, argv[1]) != CURLBACK_OK ||
      curlback_easy_on_ssl_ctx(easy, on_ssl_ctx, &certificate, NULL) != CURLBACK_OK ||
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
