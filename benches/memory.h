/* What the two memory programs have in common: they make many handles, and ask the C library how
 * much of its memory is in use.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <malloc.h>
#include <stdio.h>

#define MEMORY_HANDLES 1000

static inline size_t memory_in_use(void) {
  struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

static inline int memory_print(const char *name, void *make(void), void end(void *)) {
  static void *handles[MEMORY_HANDLES];
  /* What the first one allocates for all that follow is not theirs. */
  void *first = make();
  size_t before = memory_in_use();
  for (int i = 0; i < MEMORY_HANDLES; i++) {
    handles[i] = make();
    if (handles[i] == NULL) {
      return 1;
    }
  }
  size_t taken = memory_in_use() - before;
  for (int i = 0; i < MEMORY_HANDLES; i++) {
    end(handles[i]);
  }
  end(first);
  printf("%s %zu\n", name, taken / MEMORY_HANDLES);
  return 0;
}

#endif
