/* Lines over a descriptor that does not block: what came in, cut into lines, and what waits to go out. */
#ifndef SERVE_LINES_H
#define SERVE_LINES_H
#include "core/base/text.h"
#include <jansson.h>

enum { LINES_IN_MAX = 256 << 10, LINES_OUT_MAX = 64 << 20 };

struct lines { /* zeroed is empty; the descriptor is the caller's */
  struct text in, out;
  size_t taken, sent; /* of the two */
};
/* Reads what is there now. END: the other side is gone. DATA: a line that is too long. */
int lines_read(struct lines *, int fd);
/* The next whole line without its end, borrowed until the next call; NULL: none yet. */
char *lines_next(struct lines *);
/* Appends a JSON document and a line end; takes it (NULL: no memory). */
int lines_put(struct lines *, json_t *document);
/* Writes what it can. END: the other side is gone. */
int lines_flush(struct lines *, int fd);
bool lines_waiting(const struct lines *); /* something is still to be written */
void lines_finish(struct lines *);

/* One line as a JSON object; NULL: it is none. */
json_t *lines_parse(const char *line);
/* A text that may be of any bytes, as a JSON string: what is not UTF-8 is escaped. NULL: no memory. */
json_t *lines_text(const char *text);

#endif
