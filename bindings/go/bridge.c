/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* One C function for each callback. They add the const that cgo's declarations lack, and hand user
 * data on as the number that it is, because Go's collector takes no number for a pointer. */

#include "_cgo_export.h"

static uintptr_t number(void *user_data) {
  return (uintptr_t)user_data;
}

static void drop(void *user_data) {
  curlbackGoDrop(number(user_data));
}

static void drop_payload(void *payload) {
  curlbackGoDropPayload(number(payload));
}

static int64_t on_write(curlback_easy *easy, const uint8_t *data, size_t len, void *user_data) {
  return curlbackGoWrite(easy, (uint8_t *)data, len, number(user_data));
}

static int64_t on_interleave(curlback_easy *easy, const uint8_t *data, size_t len,
                             void *user_data) {
  return curlbackGoInterleave(easy, (uint8_t *)data, len, number(user_data));
}

static int64_t on_read(curlback_easy *easy, uint8_t *buffer, size_t capacity, void *user_data) {
  return curlbackGoRead(easy, buffer, capacity, number(user_data));
}

static int32_t on_seek(curlback_easy *easy, int64_t offset, int32_t origin, void *user_data) {
  return curlbackGoSeek(easy, offset, origin, number(user_data));
}

static int32_t on_ioctl(curlback_easy *easy, int32_t command, void *user_data) {
  return curlbackGoIoctl(easy, command, number(user_data));
}

static void on_debug(curlback_easy *easy, int32_t kind, const uint8_t *data, size_t len,
                     void *user_data) {
  curlbackGoDebug(easy, kind, (uint8_t *)data, len, number(user_data));
}

static int32_t on_progress(curlback_easy *easy, double download_total, double download_now,
                           double upload_total, double upload_now, void *user_data) {
  return curlbackGoProgress(easy, download_total, download_now, upload_total, upload_now,
                            number(user_data));
}

static int32_t on_xferinfo(curlback_easy *easy, int64_t download_total, int64_t download_now,
                           int64_t upload_total, int64_t upload_now, void *user_data) {
  return curlbackGoXferinfo(easy, download_total, download_now, upload_total, upload_now,
                            number(user_data));
}

static curlback_socket on_open_socket(curlback_easy *easy, int32_t purpose,
                                      const curlback_address *address, void *user_data) {
  return curlbackGoOpenSocket(easy, purpose, (curlback_address *)address, number(user_data));
}

static int32_t on_close_socket(curlback_easy *easy, curlback_socket socket, void *user_data) {
  return curlbackGoCloseSocket(easy, socket, number(user_data));
}

static int32_t on_sockopt(curlback_easy *easy, curlback_socket socket, int32_t purpose,
                          void *user_data) {
  return curlbackGoSockopt(easy, socket, purpose, number(user_data));
}

static int32_t on_ssh_key(curlback_easy *easy, const curlback_ssh_key *known,
                          const curlback_ssh_key *found, int32_t match, void *user_data) {
  return curlbackGoSSHKey(easy, (curlback_ssh_key *)known, (curlback_ssh_key *)found, match,
                          number(user_data));
}

static int32_t on_ssh_host_key(curlback_easy *easy, const curlback_ssh_key *found,
                               void *user_data) {
  return curlbackGoSSHHostKey(easy, (curlback_ssh_key *)found, number(user_data));
}

static int32_t on_prereq(curlback_easy *easy, const char *primary_ip, const char *local_ip,
                         int32_t primary_port, int32_t local_port, void *user_data) {
  return curlbackGoPrereq(easy, (char *)primary_ip, (char *)local_ip, primary_port, local_port,
                          number(user_data));
}

static int32_t on_trailer(curlback_easy *easy, curlback_trailers *trailers, void *user_data) {
  return curlbackGoTrailer(easy, trailers, number(user_data));
}

static int32_t on_resolver_start(curlback_easy *easy, void *user_data) {
  return curlbackGoResolverStart(easy, number(user_data));
}

static int32_t on_fnmatch(curlback_easy *easy, const char *pattern, const char *string,
                          void *user_data) {
  return curlbackGoFnmatch(easy, (char *)pattern, (char *)string, number(user_data));
}

static int32_t on_chunk_begin(curlback_easy *easy, const curlback_file_info *file,
                              int32_t remaining, void *user_data) {
  return curlbackGoChunkBegin(easy, (curlback_file_info *)file, remaining, number(user_data));
}

static int32_t on_chunk_end(curlback_easy *easy, void *user_data) {
  return curlbackGoChunkEnd(easy, number(user_data));
}

static int32_t on_ssl_ctx(curlback_easy *easy, void *ssl_ctx, void *user_data) {
  return curlbackGoSSLCtx(easy, ssl_ctx, number(user_data));
}

static int32_t on_hsts_read(curlback_easy *easy, curlback_hsts_slot *slot, void *user_data) {
  return curlbackGoHSTSRead(easy, slot, number(user_data));
}

static int32_t on_hsts_write(curlback_easy *easy, const curlback_hsts_entry *entry, size_t index,
                             size_t total, void *user_data) {
  return curlbackGoHSTSWrite(easy, (curlback_hsts_entry *)entry, index, total, number(user_data));
}

static int32_t on_ws_message(curlback_easy *easy, int32_t flags, const uint8_t *data, size_t len,
                             void *user_data) {
  return curlbackGoWSMessage(easy, flags, (uint8_t *)data, len, number(user_data));
}

static int64_t on_mime_read(curlback_easy *easy, uint8_t *buffer, size_t capacity,
                            void *user_data) {
  return curlbackGoMimeRead(easy, buffer, capacity, number(user_data));
}

static int32_t on_mime_seek(curlback_easy *easy, int64_t offset, int32_t origin, void *user_data) {
  return curlbackGoMimeSeek(easy, offset, origin, number(user_data));
}

static void on_done(curlback_multi *multi, curlback_easy *easy, curlback_result result,
                    void *user_data) {
  curlbackGoDone(multi, easy, result, number(user_data));
}

static void on_multi_done(curlback_multi *multi, curlback_easy *easy, curlback_result result,
                          void *user_data) {
  curlbackGoMultiDone(multi, easy, result, number(user_data));
}

static void on_multi_notify(curlback_multi *multi, int32_t notification, curlback_easy *easy,
                            void *user_data) {
  curlbackGoMultiNotify(multi, notification, easy, number(user_data));
}

static int32_t on_multi_socket(curlback_multi *multi, curlback_easy *easy, curlback_socket socket,
                               int32_t what, void *socket_data, void *user_data) {
  return curlbackGoMultiSocket(multi, easy, socket, what, number(socket_data), number(user_data));
}

static int32_t on_multi_timer(curlback_multi *multi, int64_t timeout_ms, void *user_data) {
  return curlbackGoMultiTimer(multi, timeout_ms, number(user_data));
}

static int32_t on_multi_push(curlback_multi *multi, curlback_easy *parent, curlback_easy *pushed,
                             const char *const *headers, size_t count, void *user_data) {
  return curlbackGoMultiPush(multi, parent, pushed, (char **)headers, count, number(user_data));
}

static void on_lock(curlback_share *share, curlback_easy *easy, int32_t what, int32_t access,
                    void *user_data) {
  (void)share;
  curlbackGoLock(easy, what, access, number(user_data));
}

static void on_unlock(curlback_share *share, curlback_easy *easy, int32_t what, void *user_data) {
  (void)share;
  curlbackGoUnlock(easy, what, number(user_data));
}

curlback_result curlback_go_on(curlback_easy *easy, int32_t kind, uintptr_t data, size_t limit) {
#define REGISTER(KIND, NAME)                                                                       \
  case CURLBACK_CALLBACK_##KIND:                                                                   \
    return curlback_easy_on_##NAME(easy, data != 0 ? on_##NAME : NULL, (void *)data, drop)
  switch (kind) {
    REGISTER(WRITE, write);
  case CURLBACK_CALLBACK_HEADER:
    return curlback_easy_on_header(easy, data != 0 ? on_write : NULL, (void *)data, drop);
    REGISTER(READ, read);
    REGISTER(SEEK, seek);
    REGISTER(IOCTL, ioctl);
    REGISTER(DEBUG, debug);
    REGISTER(PROGRESS, progress);
    REGISTER(XFERINFO, xferinfo);
    REGISTER(OPEN_SOCKET, open_socket);
    REGISTER(CLOSE_SOCKET, close_socket);
    REGISTER(SOCKOPT, sockopt);
    REGISTER(SSH_KEY, ssh_key);
    REGISTER(SSH_HOST_KEY, ssh_host_key);
    REGISTER(PREREQ, prereq);
    REGISTER(TRAILER, trailer);
    REGISTER(RESOLVER_START, resolver_start);
    REGISTER(FNMATCH, fnmatch);
    REGISTER(CHUNK_BEGIN, chunk_begin);
    REGISTER(CHUNK_END, chunk_end);
    REGISTER(INTERLEAVE, interleave);
    REGISTER(SSL_CTX, ssl_ctx);
    REGISTER(HSTS_READ, hsts_read);
    REGISTER(HSTS_WRITE, hsts_write);
  case CURLBACK_CALLBACK_WS_MESSAGE:
    return curlback_easy_on_ws_message(easy, limit, data != 0 ? on_ws_message : NULL, (void *)data,
                                       drop);
  default:
    return CURLBACK_E_UNSUPPORTED;
  }
#undef REGISTER
}

curlback_result curlback_go_mime_callbacks(curlback_mime_part *part, int64_t size, bool can_seek,
                                           uintptr_t data) {
  return curlback_mime_part_callbacks(part, size, on_mime_read, can_seek ? on_mime_seek : NULL,
                                      (void *)data, drop);
}

curlback_result curlback_go_on_done(curlback_multi *multi, uintptr_t data) {
  return curlback_multi_on_done(multi, on_done, (void *)data, drop);
}

curlback_result curlback_go_multi_on(curlback_multi *multi, int32_t kind, uintptr_t data) {
#define REGISTER(KIND, NAME)                                                                       \
  case CURLBACK_CALLBACK_MULTI_##KIND:                                                             \
    return curlback_multi_on_##NAME(multi, data != 0 ? on_multi_##NAME : NULL, (void *)data, drop)
  switch (kind) {
    REGISTER(DONE, done);
    REGISTER(NOTIFY, notify);
    REGISTER(SOCKET, socket);
    REGISTER(TIMER, timer);
    REGISTER(PUSH, push);
  default:
    return CURLBACK_E_UNSUPPORTED;
  }
#undef REGISTER
}

curlback_result curlback_go_assign(curlback_multi *multi, curlback_socket socket, uintptr_t data) {
  return curlback_multi_assign(multi, socket, (void *)data, data != 0 ? drop : NULL);
}

curlback_result curlback_go_on_lock(curlback_share *share, bool lock, bool unlock, uintptr_t data) {
  return curlback_share_on_lock(share, lock ? on_lock : NULL, unlock ? on_unlock : NULL,
                                (void *)data, drop);
}

curlback_result curlback_go_multi_raise(curlback_multi *multi, int32_t severity,
                                        const char *message, uintptr_t payload) {
  return curlback_multi_raise(multi, severity, 0, message, (void *)payload, drop_payload);
}

uintptr_t curlback_go_take_multi_payload(curlback_multi *multi) {
  return number(curlback_multi_take_payload(multi));
}

curlback_result curlback_go_raise(curlback_easy *easy, int32_t severity, const char *message,
                                  uintptr_t payload) {
  return curlback_easy_raise(easy, severity, 0, message, (void *)payload, drop_payload);
}

uintptr_t curlback_go_take_payload(curlback_easy *easy) {
  return number(curlback_easy_take_payload(easy));
}
