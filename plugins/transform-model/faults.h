/* Mistakes in a configuration or a file's columns, gathered so that all of them are named at once. */
#ifndef MODEL_FAULTS_H
#define MODEL_FAULTS_H
#include <sluice/sdk.h>

struct faults { /* zeroed but for host is empty */
  const struct sluice_host *host;
  size_t count, shown; /* shown: those that `text` has room for */
  size_t used;
  char text[640];
};
/* Those that do not fit into one message are written to the log. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void faults_add(struct faults *, const char *format, ...);
/* OK where there are none, else CONFIG with all of them. */
int faults_end(const struct faults *, const char *where, struct sluice_error *err);

#endif
