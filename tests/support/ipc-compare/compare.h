/* Whether two files hold the same values: IPC streams or files, or the Arrow project's integration JSON (by .json in
 * the name, .gz undone). How they are cut into batches does not matter. */
#ifndef IPC_COMPARE_COMPARE_H
#define IPC_COMPARE_COMPARE_H
#include "arrow_side.h"
#include "golden.h"

struct side { /* one of the two */
  const char *name;
  bool is_golden;
  struct golden golden;
  size_t batch; /* of the golden file: the one after that at hand */
  struct test_input input;
  struct arrow_side arrow;
  struct ArrowSchema schema;
  struct sluice_batch at_hand;
  int64_t rows, at, row; /* at hand; the one that comes next in it; and in all */
  int64_t batches;
};
/* data is borrowed. scan NULL: all, in the reader's own batches. */
int side_open(struct side *side, const char *name, const uint8_t *data, size_t size, const struct sluice_scan *scan,
              struct sluice_error *err);
void side_close(struct side *side);
/* Makes the next row the one at hand. END: there is none. Arrow batches are validated in full. */
int side_next(struct side *side, struct sluice_error *err);

/* OK: the same. END: they differ, and `difference` says where first. Else an error of reading, which names the side. */
int compare_sides(struct side *a, struct side *b, int flags, char *difference, size_t size, int64_t *rows,
                  struct sluice_error *err);

#endif
