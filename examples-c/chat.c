/* Shows: WebSockets and the keyboard at once. One multi handle has a transfer for each room; what
 * is said there comes to a callback in whole messages, what is typed is said in all rooms, and one
 * poll waits for both. The end of the input closes the rooms.
 *
 * Compile: cc -std=c99 chat.c -lcurlback
 * Run:     ./a.out ws://ROOM...
 */
#include "curlback.h"
#include <stdio.h>
#include <string.h>

/* What libcurl says where the socket takes no more for now. */
#define AGAIN 81
#define ROOMS 10
#define LONGEST 1000

struct room {
  int number;
  int is_open;
  int is_closing;
  curlback_easy *easy;
  /* How much of the line that was typed has been sent. */
  size_t sent;
  int has_all;
};

struct chat {
  curlback_multi *multi;
  struct room rooms[ROOMS];
  int count;
  char line[LONGEST];
  size_t len;
  int ended;
};

/* The empty line at the end of the server's answer: from here on there is a WebSocket. */
static int64_t on_header(curlback_easy *easy, const uint8_t *line, size_t len, void *user_data) {
  struct room *room = user_data;
  (void)easy;
  if (len == 2 && line[0] == '\r') {
    room->is_open = 1;
  }
  return CURLBACK_ALL;
}

static int32_t on_message(curlback_easy *easy, int32_t flags, const uint8_t *data, size_t len,
                          void *user_data) {
  const struct room *room = user_data;
  curlback_result result = CURLBACK_OK;
  if (flags == CURLBACK_WS_TEXT) {
    printf("room %d: %.*s\n", room->number, (int)len, (const char *)data);
  } else if (flags == CURLBACK_WS_CLOSE) {
    printf("room %d is closed\n", room->number);
    /* The answer to a close is another, unless this one is the answer. */
    if (!room->is_closing) {
      result = curlback_ws_close(easy, 0, NULL, 0);
    }
  }
  return result == CURLBACK_OK ? 0 : 1;
}

static int join(struct chat *chat, const char *url) {
  struct room *room = &chat->rooms[chat->count];
  room->number = chat->count + 1;
  room->has_all = 1;
  room->easy = curlback_easy_new();
  if (room->easy == NULL) {
    return 0;
  }
  chat->count++;
  return curlback_easy_set_str(room->easy, CURLBACK_OPT_URL, url) == CURLBACK_OK &&
         curlback_easy_on_header(room->easy, on_header, room, NULL) == CURLBACK_OK &&
         curlback_easy_on_ws_message(room->easy, 100000, on_message, room, NULL) == CURLBACK_OK &&
         curlback_multi_add(chat->multi, room->easy) == CURLBACK_OK;
}

/* Says the line in every room, as far as the sockets take it; or closes them all at the end. */
static int say(struct chat *chat) {
  for (int i = 0; i < chat->count; i++) {
    struct room *room = &chat->rooms[i];
    size_t sent = 0;
    curlback_result result;
    if (room->has_all || !room->is_open) {
      continue;
    }
    result = chat->ended ? curlback_ws_close(room->easy, 1000, "bye", 3)
                         : curlback_ws_send(room->easy, chat->line + room->sent,
                                            chat->len - room->sent, 0, CURLBACK_WS_TEXT, &sent);
    room->sent += sent;
    room->has_all = result == CURLBACK_OK;
    room->is_closing = chat->ended;
    if (result != CURLBACK_OK && result != AGAIN) {
      return 0;
    }
  }
  return 1;
}

/* The next line is for all rooms that are open. */
static void read_line(struct chat *chat) {
  chat->ended = fgets(chat->line, sizeof chat->line, stdin) == NULL;
  chat->len = chat->ended ? 0 : strcspn(chat->line, "\n");
  for (int i = 0; i < chat->count; i++) {
    chat->rooms[i].sent = 0;
    chat->rooms[i].has_all = 0;
  }
}

/* Whether the line has been said everywhere and another can be typed. */
static int is_ready(const struct chat *chat) {
  for (int i = 0; i < chat->count; i++) {
    if (!chat->rooms[i].is_open || !chat->rooms[i].has_all) {
      return 0;
    }
  }
  return !chat->ended;
}

static int ended_well(curlback_multi *multi) {
  curlback_easy *easy;
  curlback_result result;
  int well = 1;
  while (curlback_multi_next_done(multi, &easy, &result)) {
    if (result != CURLBACK_OK) {
      fprintf(stderr, "%s\n", curlback_strerror(result));
      well = 0;
    }
  }
  return well;
}

static int talk(struct chat *chat) {
  int32_t running = 1;
  while (running > 0) {
    curlback_wait_fd keyboard = {0, CURLBACK_WAIT_IN, 0};
    int ready;
    if (curlback_multi_perform(chat->multi, &running) != CURLBACK_OK || !ended_well(chat->multi)) {
      return 0;
    }
    if (running < chat->count && !chat->ended) {
      fprintf(stderr, "a room was closed by its server\n");
      return 0;
    }
    if (running > 0 && !say(chat)) {
      return 0;
    }
    ready = is_ready(chat);
    if (running > 0 && curlback_multi_poll(chat->multi, &keyboard, ready ? 1 : 0,
                                           chat->ended || ready ? 1000 : 10, NULL) != CURLBACK_OK) {
      return 0;
    }
    if (keyboard.revents != 0) {
      read_line(chat);
    }
  }
  return 1;
}

int main(int argc, char **argv) {
  static struct chat chat;
  int status = 0;
  if (argc < 2 || argc > ROOMS + 1) {
    fprintf(stderr, "usage: %s URL...\n", argv[0]);
    return 1;
  }
  /* What is not read yet stays with the system, which poll asks. */
  setvbuf(stdin, NULL, _IONBF, 0);

  chat.multi = curlback_multi_new();
  status = chat.multi == NULL;
  for (int i = 1; i < argc && status == 0; i++) {
    status = !join(&chat, argv[i]);
  }
  if (status == 0) {
    status = !talk(&chat);
  }
  if (status != 0) {
    fprintf(stderr, "%s\n", curlback_last_error());
  }
  for (int i = 0; i < chat.count; i++) {
    curlback_easy_close(chat.rooms[i].easy);
  }
  curlback_multi_close(chat.multi);
  return status;
}
