/* The types of the system's that curlback.h uses, for generators that do not know them by themselves. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "preprocessed.h"
