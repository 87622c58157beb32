/* The reader of one part, or of a split of it. */
#ifndef ARROW_READER_H
#define ARROW_READER_H
#include "dictionary.h"
#include "file.h"
#include "project.h"

struct arrow_place { /* of a record batch: among the messages of a stream, or in the index of a file */
  int64_t offset, index;
};
struct arrow_reader {
  const struct arrow_format *format;
  struct sluice_input input;
  char *part;
  struct arrow_loader loader;
  struct arrow_file file;
  struct arrow_project project;
  struct arrow_place next, stop; /* what is read next; where the split ends: 0 in both for never */
  int64_t skip;                  /* rows of the next record batch that were read before */
  bool started;                  /* the dictionaries in front of `next` are known */
  int64_t batch_rows, batch_bytes, unit_row, row;
  /* the record batch that is at hand */
  struct arrow_place current;
  int64_t rows, at;
  struct ArrowArray *columns;         /* shared; of each column of the file, those not wanted empty */
  const struct ArrowSchema **schemas; /* of those that are wanted */
  struct ArrowArray **arrays;         /* and they themselves, in the same order */
  int64_t n_wanted;
};

/* Reads on to the next record batch with rows. END: there is none. */
int arrow_reader_advance(struct arrow_reader *reader, struct sluice_error *err);
void arrow_reader_forget(struct arrow_reader *reader);
/* The next rows of the record batch at hand. */
int arrow_reader_slice(struct arrow_reader *reader, struct sluice_batch *out, struct sluice_error *err);

#endif
