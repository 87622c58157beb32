/* Gathering mistakes into one message. */
#include "faults.h"

enum { LOGGED_MAX = 200 };

void faults_add(struct faults *faults, const char *format, ...) {
  char line[400];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  size_t n = strlen(line), comma = faults->used ? 2 : 0;
  faults->count++;
  if (faults->shown + 1 == faults->count && faults->used + comma + n < sizeof faults->text) {
    snprintf(faults->text + faults->used, sizeof faults->text - faults->used, "%s%s", comma ? "; " : "", line);
    faults->used += comma + n;
    faults->shown++;
  } else if (faults->count - faults->shown <= LOGGED_MAX) {
    sluice_log(faults->host, SLUICE_ERROR, "%s", line);
  }
}

int faults_end(const struct faults *faults, const char *where, struct sluice_error *err) {
  if (!faults->count)
    return SLUICE_OK;
  size_t more = faults->count - faults->shown;
  if (!more)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s", faults->text);
  return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s; and %zu more, in the log", faults->text, more);
}
