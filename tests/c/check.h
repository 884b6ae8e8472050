/* What every C test program uses to say what was wrong. */
#ifndef CHECK_H
#define CHECK_H

#include "curlback.h"
#include <stdio.h>
#include <stdlib.h>

/* Ends the program with the line that failed. */
#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                      \
      fprintf(stderr, "latest error: %s\n", curlback_last_error());                                \
      exit(1);                                                                                     \
    }                                                                                              \
  } while (0)

#endif
