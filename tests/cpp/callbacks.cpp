/* Every callback gets its arguments, and what it returns counts. */
#include "check.hpp"

#include <map>

#include <poll.h>
#include <unistd.h>

static std::map<std::string, int> calls;

static curlback::easy handle(const std::string &url) {
  curlback::easy easy;
  easy.set(CURLBACK_OPT_URL, url);
  easy.set(CURLBACK_OPT_TIMEOUT, 20);
  easy.on_write([](std::string_view) { ++calls["write"]; });
  return easy;
}

static void download() {
  std::string lines;
  bool connected = false;
  curlback::easy easy = handle(http("/hello"));
  easy.on_header([&](std::string_view line) { lines += line; });
  easy.on_debug([](std::int32_t kind, std::string_view data) {
    CHECK(kind >= CURLBACK_DEBUG_TEXT && kind <= CURLBACK_DEBUG_TLS_DATA_OUT && !data.empty());
    ++calls["debug"];
  });
  easy.on_progress([](double total, double now, double, double) {
    CHECK(now <= total || total == 0);
    ++calls["progress"];
  });
  easy.on_open_socket([](std::int32_t purpose, const curlback_address &address) {
    CHECK(purpose == CURLBACK_SOCKET_CONNECT);
    CHECK(std::string(address.host) == "127.0.0.1" && address.port != 0);
    return CURLBACK_SOCKET_DEFAULT;
  });
  easy.on_sockopt([](curlback_socket socket, std::int32_t purpose) {
    CHECK(socket >= 0 && purpose == CURLBACK_SOCKET_CONNECT);
    ++calls["sockopt"];
  });
  easy.on_close_socket([](curlback_socket socket) {
    ++calls["close_socket"];
    return close(static_cast<int>(socket));
  });
  easy.on_prereq([&](std::string_view primary_ip, std::string_view local_ip,
                     std::int32_t primary_port, std::int32_t local_port) {
    CHECK(primary_ip == "127.0.0.1" && local_ip == "127.0.0.1");
    CHECK(primary_port != 0 && local_port != 0);
    connected = true;
  });
  easy.on_resolver_start([] { ++calls["resolver_start"]; });
  if (curlback_has_callback(CURLBACK_CALLBACK_INTERLEAVE))
    easy.on_interleave([](std::string_view) {});
  easy.perform();
  CHECK(lines.find("X-Hello: one\r\n") != std::string::npos);
  CHECK(connected);
  for (const char *name : {"write", "debug", "progress", "sockopt", "resolver_start"}) {
    CHECK(calls[name] > 0);
  }
  CHECK(calls["close_socket"] == 0);
  easy.close();
  CHECK(calls["close_socket"] == 1);

  /* A generic callback, a failing value, an error that was raised. */
  curlback::easy other = handle(http("/hello"));
  other.on_xferinfo([](auto... numbers) { return sizeof...(numbers) == 4 ? 1 : 0; });
  const auto aborted = refused(42, [&] { other.perform(); });
  CHECK(aborted.callback() == CURLBACK_CALLBACK_XFERINFO && aborted.curl_code() == 42);
  other.on_xferinfo(nullptr);
  other.on_open_socket([](auto, const auto &address) {
    CHECK(address.port != 0);
    return CURLBACK_SOCKET_BAD;
  });
  const auto refusal = refused(7, [&] { other.perform(); });
  CHECK(refusal.callback() == CURLBACK_CALLBACK_OPEN_SOCKET);
  other.on_open_socket(nullptr);
  other.on_prereq([](curlback::easy_ref easy, auto &&...) {
    easy.raise(17, "not today");
    return CURLBACK_PREREQ_ABORT;
  });
  const auto raised = refused(42, [&] { other.perform(); });
  CHECK(raised.code() == 17 && raised.message() == "not today");
  CHECK(raised.callback() == CURLBACK_CALLBACK_PREREQ);
  CHECK(std::string(raised.what()).find("not today") != std::string::npos);
  CHECK(std::string(raised.name()) == "CURLE_ABORTED_BY_CALLBACK");
}

static void upload() {
  const std::string sent = "what is sent twice";
  std::size_t offset = 0;
  std::string received;
  curlback::easy easy = handle(http("/redirect307"));
  easy.set(CURLBACK_OPT_UPLOAD, true);
  easy.set(CURLBACK_OPT_INFILESIZE_LARGE, sent.size());
  easy.set(CURLBACK_OPT_FOLLOWLOCATION, true);
  easy.on_read([&](char *buffer, std::size_t capacity) {
    const std::size_t count = sent.copy(buffer, capacity, offset);
    offset += count;
    return count;
  });
  easy.on_seek([&](std::int64_t to, std::int32_t origin) {
    CHECK(origin == CURLBACK_ORIGIN_START);
    offset = static_cast<std::size_t>(to);
    ++calls["seek"];
  });
  easy.on_write([&](std::string_view data) { received += data; });
  easy.perform();
  CHECK(calls["seek"] == 1);
  CHECK(received.find(sent) != std::string::npos);
  easy.on_seek(nullptr);
  offset = 0;
  easy.on_ioctl([&](std::int32_t command) {
    CHECK(command == CURLBACK_IOCTL_RESTART_READ);
    offset = 0;
    ++calls["ioctl"];
  });
  easy.perform();
  CHECK(calls["ioctl"] == 1);

  if (!curlback_has_callback(CURLBACK_CALLBACK_TRAILER)) {
    std::fprintf(stderr, "skipped: trailers need a newer libcurl\n");
    return;
  }
  curlback::easy chunked = handle(http("/echo"));
  chunked.set(CURLBACK_OPT_UPLOAD, true);
  chunked.on_read([done = false](char *buffer, std::size_t) mutable -> std::size_t {
    buffer[0] = 'x';
    return done ? 0 : (done = true);
  });
  chunked.on_trailer([](curlback::trailers trailers) {
    trailers.add("x-sum: 1");
    refused(CURLBACK_E_RANGE, [&] { trailers.add("no colon"); });
    ++calls["trailer"];
  });
  chunked.perform();
  CHECK(calls["trailer"] == 1);
}

static void tls() {
  if (given("HTTPS") == nullptr || !curlback_has_callback(CURLBACK_CALLBACK_SSL_CTX)) {
    std::fprintf(stderr, "skipped: TLS\n");
    return;
  }
  curlback::easy easy = handle(given("HTTPS"));
  easy.set(CURLBACK_OPT_CAINFO, given("CA"));
  easy.on_ssl_ctx([](void *context) {
    CHECK(context != nullptr);
    ++calls["ssl_ctx"];
  });
  easy.perform();
  CHECK(calls["ssl_ctx"] == 1);
}

static void hsts() {
  if (!curlback_has_callback(CURLBACK_CALLBACK_HSTS_READ)) {
    std::fprintf(stderr, "skipped: HSTS\n");
    return;
  }
  curlback::easy easy = handle(http("/hello"));
  easy.on_hsts_read([done = false](curlback::hsts_slot slot) mutable {
    ++calls["hsts_read"];
    if (done) {
      return CURLBACK_HSTS_DONE;
    }
    done = true;
    slot.fill("example.com", INT64_MAX, true);
    return CURLBACK_HSTS_OK;
  });
  easy.on_hsts_write([](const curlback_hsts_entry &entry, std::size_t index, std::size_t total) {
    CHECK(std::string_view(entry.host, entry.host_len) == "example.com");
    CHECK(entry.include_subdomains && index == 0 && total == 1);
    ++calls["hsts_write"];
  });
  easy.perform();
  easy.close();
  CHECK(calls["hsts_read"] == 2 && calls["hsts_write"] == 1);
}

static void ftp() {
  if (given("FTP") == nullptr || !curlback_has_callback(CURLBACK_CALLBACK_FNMATCH)) {
    std::fprintf(stderr, "skipped: FTP\n");
    return;
  }
  curlback::easy easy = handle(given("FTP") + std::string("/kinds/*"));
  easy.set(CURLBACK_OPT_WILDCARDMATCH, true);
  std::string downloaded;
  easy.on_fnmatch([](const char *pattern, const char *string) {
    CHECK(std::string(pattern) == "*");
    ++calls["fnmatch"];
    return std::string(string) == "regular.bin" ? CURLBACK_FNMATCH_MATCH : CURLBACK_FNMATCH_NOMATCH;
  });
  easy.on_chunk_begin([&](const curlback_file_info &file, std::int32_t) {
    CHECK(file.size == 1234 && file.type == CURLBACK_FILE_REGULAR);
    downloaded += file.name;
  });
  easy.on_chunk_end([] { ++calls["chunk_end"]; });
  easy.perform();
  CHECK(downloaded == "regular.bin");
  CHECK(calls["fnmatch"] > 1 && calls["chunk_end"] == 1);
}

static void ssh() {
  if (given("SFTP") == nullptr || !curlback_has_callback(CURLBACK_CALLBACK_SSH_KEY)) {
    std::fprintf(stderr, "skipped: SSH\n");
    return;
  }
  curlback::easy easy = handle(given("SFTP"));
  easy.set(CURLBACK_OPT_SSH_PRIVATE_KEYFILE, given("SSH_KEY"));
  easy.set(CURLBACK_OPT_SSH_KNOWNHOSTS, given("KNOWN_HOSTS"));
  easy.set(CURLBACK_OPT_FORBID_REUSE, true);
  std::int32_t verdict = CURLBACK_SSH_REJECT;
  easy.on_ssh_key(
      [&](const curlback_ssh_key *known, const curlback_ssh_key &found, std::int32_t match) {
        CHECK(known == nullptr && found.len > 0 && match == CURLBACK_SSH_MISSING);
        return verdict;
      });
  CHECK(refused(60, [&] { easy.perform(); }).callback() == CURLBACK_CALLBACK_SSH_KEY);
  verdict = CURLBACK_SSH_ACCEPT;
  easy.perform();
  easy.on_ssh_key(nullptr);
  if (curlback_has_callback(CURLBACK_CALLBACK_SSH_HOST_KEY)) {
    easy.on_ssh_host_key([](const curlback_ssh_key &found) {
      CHECK(found.len > 0 && !found.base64);
      throw std::logic_error("never this key");
      return CURLBACK_SSH_ACCEPT;
    });
    try {
      easy.perform();
      CHECK(false);
    } catch (const std::logic_error &error) {
      CHECK(std::string(error.what()) == "never this key");
    }
  }
}

/* Three questions, an answer to each, and a close that counts the answers; then in pieces of one's
 * own. */
static void websocket() {
  if (given("WS") == nullptr || !curlback_has_callback(CURLBACK_CALLBACK_WS_MESSAGE)) {
    std::fprintf(stderr, "skipped: WebSocket\n");
    return;
  }
  std::string closed;
  curlback::easy easy;
  easy.set(CURLBACK_OPT_URL, given("WS") + std::string("/questions"));
  easy.set(CURLBACK_OPT_TIMEOUT, 20);
  easy.on_ws_message(100, [&](curlback::easy_ref inner, std::int32_t flags, std::string_view data) {
    if (flags == CURLBACK_WS_TEXT) {
      CHECK(inner.ws_send("ack", CURLBACK_WS_BINARY) == 3);
    } else if (flags == CURLBACK_WS_CLOSE) {
      closed = data.substr(2);
      CHECK(inner.ws_close(1000));
    }
  });
  easy.perform();
  CHECK(closed.find('3') != std::string::npos);
  refused(CURLBACK_E_EXCLUSIVE, [&] { easy.on_write([](std::string_view) {}); });
  easy.on_ws_message(0, nullptr);
  easy.on_write([&](curlback::easy_ref inner, std::string_view data) {
    const curlback_ws_frame frame = inner.ws_meta();
    CHECK(frame.len == data.size());
    ++calls["ws_meta"];
    throw std::logic_error("enough");
  });
  try {
    easy.perform();
    CHECK(false);
  } catch (const std::logic_error &) {
    CHECK(calls["ws_meta"] == 1);
  }
  refused(CURLBACK_E_NOT_IN_CALLBACK, [&] { easy.ws_meta(); });

  curlback::easy detached;
  detached.set(CURLBACK_OPT_URL, given("WS") + std::string("/echo"));
  detached.set(CURLBACK_OPT_TIMEOUT, 20);
  detached.set(CURLBACK_OPT_CONNECT_ONLY, 2);
  detached.perform();
  CHECK(detached.ws_send("hello", CURLBACK_WS_TEXT) == 5);
  char buffer[20];
  auto received = detached.ws_recv(buffer, sizeof buffer);
  while (!received) {
    pollfd fd = {static_cast<int>(detached.get_int(CURLBACK_INFO_ACTIVESOCKET)), POLLIN, 0};
    CHECK(poll(&fd, 1, 20000) == 1);
    received = detached.ws_recv(buffer, sizeof buffer);
  }
  CHECK(std::string(buffer, received->first) == "hello");
  CHECK(received->second.flags == CURLBACK_WS_TEXT && received->second.bytes_left == 0);
  CHECK(detached.ws_close(1000, "bye"));

  curlback::easy raw;
  raw.set(CURLBACK_OPT_URL, http("/"));
  raw.set(CURLBACK_OPT_CONNECT_ONLY, 1);
  raw.perform();
  const std::string request = "GET /hello HTTP/1.0\r\n\r\n";
  CHECK(raw.send(request) == request.size());
  std::string answer;
  for (;;) {
    const auto count = raw.recv(buffer, sizeof buffer);
    if (!count) {
      pollfd fd = {static_cast<int>(raw.get_int(CURLBACK_INFO_ACTIVESOCKET)), POLLIN, 0};
      CHECK(poll(&fd, 1, 20000) == 1);
    } else if (*count == 0) {
      break;
    } else {
      answer.append(buffer, *count);
    }
  }
  CHECK(answer.find("hello, world\n") != std::string::npos);
}

/* In a loop of one's own, on on_socket and on_timer. */
static void events() {
  curlback::multi multi;
  std::map<curlback_socket, std::int32_t> sockets;
  std::int64_t timeout = -1;
  multi.on_socket([&](curlback::easy_ref, curlback_socket socket, std::int32_t what, void *data) {
    CHECK(data == nullptr);
    if (what == CURLBACK_POLL_REMOVE) {
      sockets.erase(socket);
    } else {
      sockets[socket] = what;
    }
    ++calls["socket"];
  });
  multi.on_timer([&](std::int64_t timeout_ms) { timeout = timeout_ms; });
  curlback::easy easy = handle(http("/hello"));
  multi.add(easy);
  CHECK(timeout >= 0);
  std::int32_t running = multi.socket_action(CURLBACK_SOCKET_TIMEOUT, 0);
  while (running > 0) {
    std::vector<curlback_wait_fd> fds;
    for (const auto &[socket, what] : sockets) {
      fds.push_back({socket, static_cast<std::int16_t>(CURLBACK_WAIT_IN | CURLBACK_WAIT_OUT), 0});
    }
    multi.poll(10);
    running = multi.socket_action(CURLBACK_SOCKET_TIMEOUT, 0);
    for (const curlback_wait_fd &fd : fds) {
      running = multi.socket_action(fd.socket, 0);
    }
  }
  const auto ended = multi.next_done();
  CHECK(ended && ended->first == easy && ended->second == CURLBACK_OK);
  CHECK(!multi.next_done());
  CHECK(calls["socket"] > 0);
  CHECK(multi.timeout() >= -1);

  if (!curlback_has_callback(CURLBACK_CALLBACK_MULTI_NOTIFY)) {
    std::fprintf(stderr, "skipped: notifications need libcurl 8.17\n");
    return;
  }
  curlback::multi notified;
  notified.on_notify([&](std::int32_t notification, curlback::easy_ref one) {
    CHECK(notification == CURLBACK_NOTIFY_EASY_DONE && one.get() != nullptr);
    ++calls["notify"];
  });
  notified.notify(CURLBACK_NOTIFY_EASY_DONE, true);
  multi.remove(easy);
  notified.add(easy);
  notified.on_push([](curlback::easy_ref, curlback::easy_ref, const char *const *, std::size_t) {
    return CURLBACK_PUSH_DENY;
  });
  notified.run();
  CHECK(calls["notify"] == 1);
}

int main() {
  download();
  upload();
  tls();
  hsts();
  ftp();
  ssh();
  websocket();
  events();
  return done();
}
