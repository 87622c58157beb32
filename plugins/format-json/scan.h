/* The structure of a record, 64 bytes at a time: where strings begin and end, and which brackets and commas are outside
 * of them. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H
#include "json.h"

struct json_block { /* bit i: byte i of 64 */
  uint64_t quotes;  /* begin or end a string */
  uint64_t escapes; /* backslashes */
  uint64_t marks;   /* { } [ ] , outside of strings */
};
struct json_carry {                /* what one block hands to the next; zeroed at the start of a record */
  uint64_t in_string, escaped;     /* all ones, or none; 1: the next byte is escaped */
  int64_t depth;                   /* of brackets, where the end is looked for by them */
  bool high, control, found, open; /* high: a byte is not ASCII; control: one below 0x20 in a string; open: it ends
                                    * in a string */
};
/* Fills a block for each 64 bytes until the record ends: at a line feed (lines), or with the bracket that closes the
 * first. Returns where it ends, behind its last byte, and sets found; else n * 64. */
typedef size_t json_kernel(struct json_carry *c, const uint8_t *data, size_t n, struct json_block *out);
struct json_kernels {
  const char *name;
  json_kernel *lines, *values;
};
/* All that this machine can run, the fastest first; the last is the portable one. Ended by a NULL name. */
const struct json_kernels *json_kernels_list(void);

struct json_scan {
  const struct json_kernels *kernels;
  struct json_carry carry;
  struct sluice_buffer blocks; /* and one behind the last, all quotes, where a search for them ends */
  size_t done;                 /* bytes that blocks are made of */
};
void json_scan_init(struct json_scan *s);
void json_scan_finish(struct json_scan *s);
void json_scan_begin(struct json_scan *s); /* a new record */
static inline const struct json_block *json_scan_blocks(const struct json_scan *s) {
  return (const struct json_block *)(const void *)s->blocks.data;
}

/* The record at data, of which size bytes are at hand. OK: it has *out bytes, a line feed not counted; where final is
 * set and its end is not there it has them all, and carry.found is false. END: more bytes are needed, and the call is
 * to be repeated with more of the same. */
int json_scan_line(struct json_scan *s, const uint8_t *data, size_t size, bool final, size_t *out);
int json_scan_value(struct json_scan *s, const uint8_t *data, size_t size, bool final, size_t *out);

#endif
