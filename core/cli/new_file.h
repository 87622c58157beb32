/* A file that appears under its name only once it is whole. */
#ifndef CLI_NEW_FILE_H
#define CLI_NEW_FILE_H
#include "core/base/text.h"

enum new_file_mode { NEW_FILE_MUST_NOT_EXIST, NEW_FILE_MAY_REPLACE };

struct new_file { /* zeroed, then created */
  int fd;         /* to be written to */
  bool open;
  enum new_file_mode mode;
  struct text path, temporary; /* in one folder */
};
/* CONFIG: the path cannot be made, or is there already. DATA: the folder takes no file. Nothing to finish after an
 * error. */
int new_file_create(struct new_file *, const char *path, enum new_file_mode, struct sluice_error *err);
/* Makes all that was written durable and gives it its name. CONFIG: there is one of that name meanwhile. */
int new_file_publish(struct new_file *, struct sluice_error *err);
void new_file_finish(struct new_file *); /* takes a zeroed one; what was not published is removed */

#endif
