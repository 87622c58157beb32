/* The program `sluice`. */
#include "core/cli/cli.h"
#if defined(__GLIBC__)
#include <malloc.h>

/* Batches take megabytes and are freed soon. By default glibc gives such memory back to the kernel each time and has it
 * zeroed again for the next batch, which takes a tenth of the time of decoding; threads wait for each other at it. */
static void keep_memory(void) {
  enum { KEPT = 64 << 20, OF_ITS_OWN = 4 << 20 };
  (void)mallopt(M_TRIM_THRESHOLD, KEPT);
  (void)mallopt(M_MMAP_THRESHOLD, OF_ITS_OWN);
}
#else
static void keep_memory(void) {}
#endif

int main(int argc, char **argv) {
  keep_memory();
  return (int)cli_run(argc > 0 ? (size_t)argc - 1 : 0, (const char *const *)(argv + 1));
}
