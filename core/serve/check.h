/* A new configuration, tried in a process of its own: files, plugins, their options and schedules, before it is taken.
 */
#ifndef SERVE_CHECK_H
#define SERVE_CHECK_H
#include "core/base/hash.h"
#include "core/serve/lines.h"
#include "core/serve/serve.h"

enum { NOTES_MAX = 4096 };

struct check { /* zeroed: none is going on */
  pid_t pid;
  int fd;
  struct lines lines;
  int64_t since;           /* monotonic ms */
  bool answered;           /* the process said something */
  char plugins[HASH_SIZE]; /* of the files of all plugins; another one: they changed */
  struct sluice_error why; /* refused */
  char notes[NOTES_MAX];   /* lines: what each run will stumble over, though the configuration is taken */
};
int check_start(struct check *, const struct serve_world *, struct sluice_error *err);
void check_hear(struct check *);
bool check_too_long(const struct check *); /* it hangs */
/* Its process is gone. CONFIG: refused, and the check's `why` says it. */
int check_end(struct check *, int wait_status);
void check_finish(struct check *); /* gives back all but plugins, notes and why */

#endif
