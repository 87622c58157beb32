/* What the benchmarks of decoders share: the file they read, and the memory they keep. */
#ifndef BENCH_FILE_H
#define BENCH_FILE_H
#include <sluice/sdk.h>

struct bench_file {
  int fd;
  int64_t size;
  _Atomic int64_t bytes; /* read so far */
};
/* Ends the program with this text. */
_Noreturn void bench_fail(const char *what);
void bench_file_open(struct bench_file *out, const char *path);
/* The file, of which several inputs may be open at once; it stays the caller's. */
struct sluice_input bench_file_input(struct bench_file *file);
/* As core/cli/main.c keeps the memory of batches: without it glibc gives it back to the kernel each time. */
void bench_keep_memory(void);

#endif
