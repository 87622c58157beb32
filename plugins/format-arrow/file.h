/* The beginning and the end of an input: is it a stream or a file, what columns has it, where are its messages? */
#ifndef ARROW_FILE_H
#define ARROW_FILE_H
#include "fields.h"

struct arrow_block { /* where a message lies, by the index at the end of a file */
  int64_t offset, head, body;
};
struct arrow_file {
  struct arrow_fields fields;
  int version;
  bool indexed;  /* it is a file with a sound index; else messages follow one another from `first` on */
  int64_t first; /* byte of the first message behind the schema; for streams */
  struct arrow_block *dictionaries, *batches;
  int64_t n_dictionaries, n_batches;
  bool broken; /* a file whose index cannot be used */
};
int arrow_file_open(const struct arrow_source *source, const struct sluice_host *host, struct arrow_file *out,
                    struct sluice_error *err);
void arrow_file_finish(struct arrow_file *file);

#endif
