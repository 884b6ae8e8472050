/* Shows: transfers that lead to others. on_done looks for links in what has come, and begins their
 * transfers, a few at a time, until so many pages of the same host were seen. Handles are used
 * again.
 *
 * Compile: cc -std=c99 crawler.c -lcurlback
 * Run:     ./a.out URL   (of a page)
 */
#define _POSIX_C_SOURCE 200809L
#include "curlback.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PAGES 20
#define AT_ONCE 4
#define LARGEST_PAGE (1 << 20)

struct crawl {
  const char *origin; /* http://host:port, and then more */
  size_t origin_len;
  char *urls[PAGES];
  int known;
  int begun;
  int failed;
  /* Handles that have nothing to do. */
  curlback_easy *idle[AT_ONCE];
  int idle_count;
};

/* Keeps the URL of a path on the host, unless it is known or there are enough. */
static void note(struct crawl *crawl, const char *path, size_t len) {
  char *url = malloc(crawl->origin_len + len + 1);
  if (url == NULL || crawl->known == PAGES) {
    free(url);
    return;
  }
  memcpy(url, crawl->origin, crawl->origin_len);
  memcpy(url + crawl->origin_len, path, len);
  url[crawl->origin_len + len] = '\0';
  for (int i = 0; i < crawl->known; i++) {
    if (strcmp(crawl->urls[i], url) == 0) {
      free(url);
      return;
    }
  }
  crawl->urls[crawl->known++] = url;
}

/* What stands between the quotes of href="...": a path, or a URL of the same host. A crawler for
 * the world would take an HTML parser, resolve relative links and read robots.txt. */
static void find_links(struct crawl *crawl, const char *page, size_t len) {
  const char *attribute = "href=\"";
  const char *end = page + len;
  while (end - page > (long)strlen(attribute)) {
    if (strncasecmp(page, attribute, strlen(attribute)) != 0) {
      page++;
      continue;
    }
    page += strlen(attribute);
    size_t left = (size_t)(end - page);
    size_t link = 0;
    while (link < left && strchr("\"#", page[link]) == NULL) {
      link++;
    }
    if (link > crawl->origin_len && page[crawl->origin_len] == '/' &&
        strncmp(page, crawl->origin, crawl->origin_len) == 0) {
      note(crawl, page + crawl->origin_len, link - crawl->origin_len);
    } else if (link > 0 && page[0] == '/' && (link == 1 || page[1] != '/')) {
      note(crawl, page, link);
    }
    page += link;
  }
}

/* Has the idle handles get what is known and was not begun. */
static void begin_more(struct crawl *crawl, curlback_multi *multi) {
  while (crawl->idle_count > 0 && crawl->begun < crawl->known) {
    curlback_easy *easy = crawl->idle[--crawl->idle_count];
    char *url = crawl->urls[crawl->begun++];
    if (curlback_easy_set_str(easy, CURLBACK_OPT_URL, url) != CURLBACK_OK ||
        curlback_easy_set_private(easy, url, NULL) != CURLBACK_OK ||
        curlback_multi_add(multi, easy) != CURLBACK_OK) {
      fprintf(stderr, "%s: %s\n", url, curlback_last_error());
      crawl->failed = 1;
      crawl->idle[crawl->idle_count++] = easy;
    }
  }
}

static void on_done(curlback_multi *multi, curlback_easy *easy, curlback_result result,
                    void *user_data) {
  struct crawl *crawl = user_data;
  const char *url = curlback_easy_private(easy);
  const uint8_t *page = NULL;
  size_t len = 0;
  int64_t status = 0;
  if (result == CURLBACK_OK &&
      curlback_easy_get_int(easy, CURLBACK_INFO_RESPONSE_CODE, &status) == CURLBACK_OK &&
      curlback_easy_body(easy, &page, &len) == CURLBACK_OK) {
    int before = crawl->known;
    if (status == 200) {
      find_links(crawl, (const char *)page, len);
    }
    printf("%s: status %" PRId64 ", %zu bytes, %d new links\n", url, status, len,
           crawl->known - before);
  } else {
    fprintf(stderr, "%s: %s\n", url, curlback_strerror(result));
    crawl->failed = 1;
  }
  /* It is done with, and can be used for another one here and now. */
  if (curlback_multi_remove(multi, easy) == CURLBACK_OK) {
    crawl->idle[crawl->idle_count++] = easy;
  }
  begin_more(crawl, multi);
}

/* A handle that collects pages; it is the crawl's. */
static int make_handle(struct crawl *crawl) {
  curlback_easy *easy = curlback_easy_new();
  if (easy == NULL || curlback_easy_body_to_memory(easy, LARGEST_PAGE) != CURLBACK_OK) {
    curlback_easy_close(easy);
    return 0;
  }
  crawl->idle[crawl->idle_count++] = easy;
  return 1;
}

static int crawl_all(struct crawl *crawl, curlback_multi *multi) {
  while (crawl->idle_count < AT_ONCE) {
    if (!make_handle(crawl)) {
      fprintf(stderr, "%s\n", curlback_last_error());
      return 1;
    }
  }
  if (curlback_multi_on_done(multi, on_done, crawl, NULL) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  begin_more(crawl, multi);
  if (curlback_multi_run(multi, CURLBACK_RUN_UNTIL_DONE) != CURLBACK_OK) {
    fprintf(stderr, "%s\n", curlback_last_error());
    return 1;
  }
  printf("%d pages, of at most %d\n", crawl->begun, PAGES);
  return crawl->failed;
}

int main(int argc, char **argv) {
  const char *host = argc == 2 ? strstr(argv[1], "://") : NULL;
  if (host == NULL) {
    fprintf(stderr, "usage: %s URL\n", argv[0]);
    return 1;
  }

  struct crawl crawl = {.origin = argv[1]};
  crawl.origin_len = (size_t)(host + 3 - argv[1]) + strcspn(host + 3, "/?#");
  const char *path = argv[1] + crawl.origin_len;
  note(&crawl, *path == '/' ? path : "/", *path == '/' ? strcspn(path, "#") : 1);

  int status = 1;
  curlback_multi *multi = curlback_multi_new();
  if (multi == NULL) {
    fprintf(stderr, "%s\n", curlback_last_error());
  } else {
    status = crawl_all(&crawl, multi);
  }

  for (int i = 0; i < crawl.idle_count; i++) {
    curlback_easy_close(crawl.idle[i]);
  }
  for (int i = 0; i < crawl.known; i++) {
    free(crawl.urls[i]);
  }
  curlback_multi_close(multi);
  if (curlback_live_handles() != 0) {
    fprintf(stderr, "%zu handles were left open\n", curlback_live_handles());
    status = 1;
  }
  return status;
}
