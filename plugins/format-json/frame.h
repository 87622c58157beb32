/* Where the records of a part are: the next one, whole, at the front of what is at hand. */
#ifndef JSON_FRAME_H
#define JSON_FRAME_H
#include "input.h"
#include "run.h"

enum json_place { JSON_AT_START, JSON_AT_RECORD, JSON_BEHIND_RECORD, JSON_AT_END }; /* of an array */

struct json_walk { /* over a record that is too long to be held */
  bool active, in_string, escaped;
  int64_t depth, offset, size;
  uint8_t *raw; /* its first bytes */
  size_t held;
};
struct json_framer {
  enum json_layout layout; /* LINES, ARRAY or SEQUENCE */
  enum json_place place;
  bool within; /* the array is a member of something: what comes behind it does not matter */
  size_t max_record;
  int64_t stop; /* records that begin here or later are not of the unit */
  const char *part;
  struct json_scan scan;
  struct json_walk walk;
};
struct json_frame {
  size_t size;                /* of the record */
  size_t next;                /* of it and what ends it: to be skipped with json_frame_done */
  enum json_fault_code fault; /* NONE, or why it cannot be read: CUT, LONG, OBJECT */
  int64_t offset, whole;      /* whole: its size, where it is LONG and not at hand */
};

void json_framer_init(struct json_framer *f, enum json_layout layout, size_t max_record, const char *part);
void json_framer_finish(struct json_framer *f);

/* OK: a record. END: there is none of this unit any more. May be called again after an error. A frame that is LONG has
 * its first bytes in walk.raw. */
int json_frame_next(struct json_framer *f, struct json_input *w, struct json_frame *out, struct sluice_error *err);
void json_frame_done(struct json_framer *f, struct json_input *w, const struct json_frame *frame);

#endif
