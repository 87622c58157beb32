/* The last position of each unit that is durable in the file. */
#ifndef SINK_FILE_MARKS_H
#define SINK_FILE_MARKS_H
#include <sluice/sdk.h>
#include <stdbool.h>

struct mark {
  char *delivery, *unit;
  struct sluice_position end;
  bool set; /* false: only a place for one */
};
struct marks {
  void *root;
};
typedef void mark_visit(void *context, const struct mark *);

/* A place for this unit, found or made; NULL: no memory. Stays valid until it is dropped. */
struct mark *marks_place(struct marks *, const char *delivery, const char *unit);
struct mark *marks_find(const struct marks *, const char *delivery, const char *unit); /* NULL: not there, or not set */
void marks_drop(struct marks *, const char *delivery, const char *unit);
void marks_each(const struct marks *, mark_visit *, void *context); /* those that are set */
void marks_finish(struct marks *);

#endif
