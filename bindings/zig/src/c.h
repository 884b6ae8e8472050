/* What the Zig package translates: the installed header as it is. */
#include <curlback.h>
