/* RecordBatch tables as arrays. */
#ifndef ARROW_LOAD_H
#define ARROW_LOAD_H
#include "body.h"
#include "codec.h"
#include "fields.h"

struct arrow_dictionaries;
struct arrow_loader { /* what is the same for all messages of a file */
  struct arrow_source source;
  const struct arrow_config *config;
  struct arrow_codecs codecs;
  bool big_endian;
  struct arrow_dictionaries *dictionaries;
  int64_t kept_made, kept_read; /* of the dictionaries: bytes made by decompression, and those of the file */
  int64_t free_rows;            /* that no byte stood for, so far */
};
struct arrow_ready { /* a buffer as it was made before; data NULL: it was not */
  const void *data;
  int64_t size;
};
struct arrow_batch { /* a RecordBatch table, and the stretches of its body that are wanted */
  const struct arrow_message *message;
  struct fb *fb;
  int64_t length;
  enum arrow_codec codec;
  struct fb_vector nodes, buffers, counts;
  struct arrow_hold *hold;
  struct arrow_body body;
  struct arrow_ready *ready; /* by buffer, of a batch that may be loaded again; NULL: of one that is not */
  int64_t read, made, moved; /* bytes: of the body, and those that decompression and moving made so far */
  int64_t longest;           /* of the arrays that were loaded */
};
/* table: of the RecordBatch in the message, which must stay as long as the batch. Reads what fields[0..n) want. */
int arrow_batch_open(const struct arrow_loader *loader, struct arrow_message *message, const struct fb_table *table,
                     const struct arrow_field *fields, int64_t n, struct arrow_batch *out, struct sluice_error *err);
void arrow_batch_finish(struct arrow_batch *batch);
/* Has buffers made once, however often the batch is loaded. */
int arrow_batch_keep(struct arrow_batch *batch);
/* Arrays of the wanted ones of the same fields into out[0..n), the others zeroed; schemas are theirs, all of the file.
 * Their shape and values are not proven yet. Dictionaries are those known by now. */
int arrow_batch_load(struct arrow_loader *loader, struct arrow_batch *batch, const struct arrow_field *fields,
                     const struct ArrowSchema *const *schemas, int64_t n, struct ArrowArray *out,
                     struct sluice_error *err);

#endif
