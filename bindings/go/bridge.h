/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* What cgo cannot say in Go: C functions as callbacks, and user data that is a number. */

#ifndef CURLBACK_GO_BRIDGE_H
#define CURLBACK_GO_BRIDGE_H

#include <curlback.h>
#include <stdlib.h>

/* Registers the Go function that `data` stands for as the callback `kind`, one of
 * CURLBACK_CALLBACK_*; 0 unsets. `limit` is on_ws_message's. */
curlback_result curlback_go_on(curlback_easy *easy, int32_t kind, uintptr_t data, size_t limit);
curlback_result curlback_go_mime_callbacks(curlback_mime_part *part, int64_t size, bool can_seek,
                                           uintptr_t data);
curlback_result curlback_go_on_done(curlback_multi *multi, uintptr_t data);
curlback_result curlback_go_multi_on(curlback_multi *multi, int32_t kind, uintptr_t data);
curlback_result curlback_go_assign(curlback_multi *multi, curlback_socket socket, uintptr_t data);
curlback_result curlback_go_on_lock(curlback_share *share, bool lock, bool unlock, uintptr_t data);
curlback_result curlback_go_multi_raise(curlback_multi *multi, int32_t severity,
                                        const char *message, uintptr_t payload);
uintptr_t curlback_go_take_multi_payload(curlback_multi *multi);
curlback_result curlback_go_raise(curlback_easy *easy, int32_t severity, const char *message,
                                  uintptr_t payload);
uintptr_t curlback_go_take_payload(curlback_easy *easy);

/* With bytes in place of void: cgo then need not search what they are part of for pointers. */
static inline curlback_result curlback_go_set_bytes(curlback_easy *easy, int32_t option,
                                                    const uint8_t *data, size_t len) {
  return curlback_easy_set_bytes(easy, option, data, len);
}
static inline curlback_result curlback_go_read_from_memory(curlback_easy *easy, const uint8_t *data,
                                                           size_t len) {
  return curlback_easy_read_from_memory(easy, data, len);
}
static inline curlback_result curlback_go_send(curlback_easy *easy, const uint8_t *data, size_t len,
                                               size_t *sent) {
  return curlback_easy_send(easy, data, len, sent);
}
static inline curlback_result curlback_go_recv(curlback_easy *easy, uint8_t *buffer,
                                               size_t capacity, size_t *received) {
  return curlback_easy_recv(easy, buffer, capacity, received);
}
static inline curlback_result curlback_go_part_data(curlback_mime_part *part, const uint8_t *data,
                                                    size_t len) {
  return curlback_mime_part_data(part, data, len);
}
static inline curlback_result curlback_go_ws_send(curlback_easy *easy, const uint8_t *data,
                                                  size_t len, int64_t fragment_size, uint32_t flags,
                                                  size_t *sent) {
  return curlback_ws_send(easy, data, len, fragment_size, flags, sent);
}
static inline curlback_result curlback_go_ws_recv(curlback_easy *easy, uint8_t *buffer,
                                                  size_t capacity, size_t *received,
                                                  curlback_ws_frame *frame) {
  return curlback_ws_recv(easy, buffer, capacity, received, frame);
}

#endif /* CURLBACK_GO_BRIDGE_H */
