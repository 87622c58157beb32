/* Which blocks of an object are in memory or on their way, and which come next. One reader at a time. */
#ifndef S3_READAHEAD_H
#define S3_READAHEAD_H
#include "read/block.h"

enum { READAHEAD_BLOCKS_MAX = 64, READAHEAD_PLAN_MAX = 1024 };

struct readahead {
  struct engines *engines;
  struct bucket *bucket;
  struct object_name *name;
  char pin[1001];
  int64_t size; /* of the object */
  int64_t range_size, window;
  bool verify; /* checksums of objects read in one request */
  struct block *blocks[READAHEAD_BLOCKS_MAX];
  size_t count;
  int64_t held;      /* bytes of all blocks that have memory */
  int64_t next, run; /* where the last read ended, and how many bytes were read in one go up to there */
  bool steps_back;   /* the reader went back to a block that was let go */
  uint64_t clock;
  int64_t plan_end,
      plan_run; /* where the last range of will_need ended, and how many bytes followed one another up to there */
  bool planned; /* the reader says what it needs: no guessing */
  struct sluice_range plan[READAHEAD_PLAN_MAX]; /* not yet started, in order; a ring */
  size_t plan_first, plan_count;
};

/* The first block: the whole object where it is small or of unknown size up to range_size. NULL: no memory. */
struct block *readahead_begin(struct readahead *ahead);
/* The block that holds this byte, started now if need be; want: how many bytes the reader is after. NULL: no memory. */
struct block *readahead_block(struct readahead *ahead, int64_t offset, int64_t want);
/* The reader has had these bytes: lets go of what is read and starts what comes next. */
void readahead_consumed(struct readahead *ahead, int64_t offset, int64_t n);
void readahead_plan(struct readahead *ahead, const struct sluice_range *ranges, size_t count);
void readahead_forget(struct readahead *ahead, const struct block *block); /* it failed; a later read starts anew */
void readahead_finish(struct readahead *ahead);

#endif
