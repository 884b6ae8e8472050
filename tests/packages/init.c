/* Says why curlback cannot be used, where that is so. */
#include <curlback.h>

int main(void) {
  curlback_result result = curlback_init();
  if (result != CURLBACK_OK) {
    printf("%s: %s\n", curlback_result_name(result), curlback_last_error());
  }
  return result != CURLBACK_OK;
}
