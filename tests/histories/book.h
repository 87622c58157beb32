/* The destination: a file of lines, which only grows. Shared by the plugin that writes it and the program that judges.
 *
 *   R GENERATION UNIT FIRST LAST ORDINAL OP RECORD   a record, in the request of ordinals FIRST..LAST
 *   C GENERATION UNIT ROW OFFSET D0 D1               exact: the position behind all records before this line
 *   F UNIT                                           forget it
 *   B, K, A GENERATION                               a generation is begun, committed, aborted
 *
 * exact: a record counts once a C line stands behind it. Otherwise it counts once its line is whole. */
#ifndef HISTORIES_BOOK_H
#define HISTORIES_BOOK_H
#include <sluice/sdk.h>
#include <stdbool.h>

enum { BOOK_UNIT = 16, BOOK_VALUE = 32 };

struct book_record {
  int64_t generation, first, last, ordinal, id;
  char unit[BOOK_UNIT + 1], value[BOOK_VALUE];
  int op;
};
struct book_mark {
  int64_t generation;
  char unit[BOOK_UNIT + 1];
  struct sluice_position end;
};
struct book_content {
  struct book_record *records; /* not of aborted generations */
  struct book_mark *marks;
  size_t n_records, n_marks;
  int64_t begun, current; /* generations; 0: none */
  size_t size;            /* of the file, as far as it counts */
};
/* A file that is not there is empty. false: no memory, or a line that the sink cannot have written; *wrong says which.
 */
bool book_load(const char *path, bool exact, struct book_content *out, char *wrong, size_t wrong_size);
void book_free(struct book_content *);

#endif
