/* Messages: their framing, and the Message table around their content. */
#ifndef ARROW_MESSAGE_H
#define ARROW_MESSAGE_H
#include "bytes.h"
#include "fb.h"

enum arrow_kind { ARROW_SCHEMA = 1, ARROW_DICTIONARY, ARROW_RECORDS, ARROW_TENSOR, ARROW_SPARSE_TENSOR };
enum { ARROW_V4 = 3, ARROW_V5 = 4 }; /* as the metadata has them */

struct arrow_message { /* stays where it was filled: its tables point into it */
  int64_t offset;      /* of its first byte */
  int64_t body, body_size, next;
  int version;
  enum arrow_kind kind;
  struct sluice_bytes bytes;
  struct fb fb;
  struct fb_table table, header;
};
/* END: the stream ends here, with an end marker or without; then only `next` is set. */
int arrow_message_read(const struct arrow_source *source, int64_t offset, struct arrow_message *out,
                       struct sluice_error *err);
/* The same for a message that an index says to be there, with a head of so many bytes. */
int arrow_message_read_block(const struct arrow_source *source, int64_t offset, int64_t head, int64_t body,
                             struct arrow_message *out, struct sluice_error *err);
void arrow_message_finish(struct arrow_message *message);
/* Reports what is wrong with a message's tables: the fault that was met, or `what`. DATA. */
int arrow_message_fail(const struct arrow_source *source, const struct arrow_message *message, const char *what,
                       struct sluice_error *err);
/* Hands on an error that was looked at first; returns its code. */
int arrow_pass(struct sluice_error *err, int code, const struct sluice_error *why);
/* Refuses metadata versions that this reader does not know, by name. */
int arrow_version_check(const struct arrow_source *source, int64_t version, struct sluice_error *err);

#endif
