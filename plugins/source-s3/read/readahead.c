/* Which blocks of an object are in memory or on their way, and which come next. */
#include "read/readahead.h"

enum {
  HEAD_BYTES = 1 << 20,         /* of a large object, at first: enough to see what it is */
  SEQUENTIAL_BYTES = 256 << 10, /* read in one go: then it will go on */
  DEMAND_MIN = 64 << 10,
  MERGE_GAP = 128 << 10,
  EARLY_MAX = 8 /* requests that are on their way while there is no memory for their bytes yet */
};

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}
static int64_t end_of(const struct block *block) {
  return block->offset + (int64_t)block->capacity;
}

static struct block *find(const struct readahead *ahead, int64_t offset) {
  for (size_t i = 0; i < ahead->count; i++)
    if (ahead->blocks[i]->offset <= offset && offset < end_of(ahead->blocks[i]))
      return ahead->blocks[i];
  return NULL;
}

static void drop_at(struct readahead *ahead, size_t i) {
  ahead->held -= ahead->blocks[i]->waits ? 0 : (int64_t)ahead->blocks[i]->capacity;
  block_drop(ahead->blocks[i]);
  ahead->blocks[i] = ahead->blocks[--ahead->count];
}

/* The one read longest ago, or the one that waits longest, where a place is needed rather than memory. */
static size_t find_oldest(const struct readahead *ahead, bool waits) {
  size_t oldest = ahead->count;
  for (size_t i = 0; i < ahead->count; i++)
    if (ahead->blocks[i]->waits == waits &&
        (oldest == ahead->count || ahead->blocks[i]->used < ahead->blocks[oldest]->used))
      oldest = i;
  return oldest;
}

static void make_room(struct readahead *ahead, int64_t need) {
  while (ahead->held > 0 && ahead->held + need > ahead->window)
    drop_at(ahead, find_oldest(ahead, false));
  if (ahead->count < READAHEAD_BLOCKS_MAX)
    return;
  size_t oldest = find_oldest(ahead, true);
  drop_at(ahead, oldest < ahead->count ? oldest : find_oldest(ahead, false));
}

static bool has_room(const struct readahead *ahead, int64_t need) {
  return ahead->held + need <= ahead->window && ahead->count < READAHEAD_BLOCKS_MAX;
}

static struct block *start_block(struct readahead *ahead, int64_t offset, int64_t size, bool whole, bool late) {
  struct block_plan plan = {.engine = engines_next(ahead->engines),
                            .buffers = ahead->engines->buffers,
                            .bucket = ahead->bucket,
                            .name = ahead->name,
                            .pin = ahead->pin,
                            .offset = offset,
                            .size = size,
                            .object_size = ahead->size,
                            .whole = whole,
                            .verify = ahead->verify && whole,
                            .late = late};
  struct block *block = block_start(&plan);
  if (!block)
    return NULL;
  block->used = ++ahead->clock;
  ahead->held += late ? 0 : size;
  ahead->blocks[ahead->count++] = block;
  return block;
}

static struct block *add(struct readahead *ahead, int64_t offset, int64_t size, bool whole) {
  return start_block(ahead, offset, size, whole, false);
}

/* ---- requests that are ahead of their memory ---- */

static size_t find_waiting(const struct readahead *ahead) {
  size_t first = ahead->count;
  for (size_t i = 0; i < ahead->count; i++)
    if (ahead->blocks[i]->waits && (first == ahead->count || ahead->blocks[i]->offset < ahead->blocks[first]->offset))
      first = i;
  return first;
}

/* False: it is not there any more. */
static bool grant(struct readahead *ahead, size_t i) {
  struct block *block = ahead->blocks[i];
  if (block_grant(block)) {
    ahead->held += (int64_t)block->capacity;
    return true;
  }
  block->waits = true; /* its memory was not counted */
  drop_at(ahead, i);
  return false;
}

static void grant_waiting(struct readahead *ahead) {
  for (size_t i = find_waiting(ahead); i < ahead->count; i = find_waiting(ahead)) {
    if (!has_room(ahead, (int64_t)ahead->blocks[i]->capacity))
      return;
    grant(ahead, i);
  }
}

/* The way to a server and back costs nothing where the next requests are there already when memory is free for them. */
static void start_early(struct readahead *ahead, int64_t from) {
  size_t early = 0;
  for (size_t i = 0; i < ahead->count; i++)
    early += ahead->blocks[i]->waits;
  while (from < ahead->size && early < EARLY_MAX && ahead->count < READAHEAD_BLOCKS_MAX) {
    const struct block *block = find(ahead, from);
    int64_t size = least(ahead->range_size, ahead->size - from);
    if (!block && !start_block(ahead, from, size, false, true))
      return;
    early += !block;
    from = block ? end_of(block) : from + size;
  }
}

struct block *readahead_begin(struct readahead *ahead) {
  bool whole = ahead->size >= 0 && ahead->size <= ahead->range_size;
  if (whole)
    return add(ahead, 0, ahead->size, true);
  return add(ahead, 0, least(HEAD_BYTES, ahead->range_size), false);
}

static bool sequential(const struct readahead *ahead) {
  return !ahead->planned && ahead->run >= SEQUENTIAL_BYTES;
}

/* The reader has come to it, so its memory comes first. */
static struct block *find_granted(struct readahead *ahead, int64_t offset) {
  struct block *block = find(ahead, offset);
  if (!block || !block->waits)
    return block;
  make_room(ahead, (int64_t)block->capacity);
  for (size_t i = 0; i < ahead->count; i++)
    if (ahead->blocks[i] == block)
      return grant(ahead, i) ? block : NULL;
  return NULL;
}

struct block *readahead_block(struct readahead *ahead, int64_t offset, int64_t want) {
  struct block *block = find_granted(ahead, offset);
  if (block) {
    block->used = ++ahead->clock;
    return block;
  }
  ahead->steps_back |= sequential(ahead) && offset < ahead->next;
  int64_t size = want < DEMAND_MIN ? DEMAND_MIN : want;
  if (sequential(ahead) && offset == ahead->next)
    size = ahead->range_size;
  size = least(least(size, ahead->range_size), ahead->size - offset);
  make_room(ahead, size);
  return add(ahead, offset, size, ahead->size <= ahead->range_size && offset == 0 && size == ahead->size);
}

/* ---- letting go ---- */

/* Blocks of will_need go when all that was asked for in them was read; others when they are read to their end, so that
 * the next is asked for while the one before it still comes. The first stays until the reader is past it, for it is
 * looked at to see what the object is; with a reader that steps back all do. */
static bool is_read(const struct readahead *ahead, const struct block *block, int64_t offset, int64_t n) {
  if (block->needed >= 0)
    return block->needed == 0;
  int64_t past = block->offset == 0 || ahead->steps_back ? offset : offset + n;
  return end_of(block) <= past && end_of(block) < ahead->size;
}

static void let_go(struct readahead *ahead, int64_t offset, int64_t n, bool in_sequence) {
  for (size_t i = ahead->count; i-- > 0;) {
    const struct block *block = ahead->blocks[i];
    if ((block->needed >= 0 || in_sequence) && is_read(ahead, block, offset, n))
      drop_at(ahead, i);
  }
}

static void count_needed(struct readahead *ahead, int64_t offset, int64_t n) {
  for (size_t i = 0; i < ahead->count; i++) {
    struct block *block = ahead->blocks[i];
    int64_t first = offset > block->offset ? offset : block->offset, end = least(offset + n, end_of(block));
    if (block->needed < 0 || end <= first)
      continue;
    block->needed = end - first < block->needed ? block->needed - (end - first) : 0;
  }
}

/* ---- what comes next ---- */

static struct sluice_range *planned(struct readahead *ahead, size_t i) {
  return &ahead->plan[(ahead->plan_first + i) % READAHEAD_PLAN_MAX];
}

static void plan_pop(struct readahead *ahead) {
  ahead->plan_first = (ahead->plan_first + 1) % READAHEAD_PLAN_MAX;
  ahead->plan_count--;
}

/* The first range, with those after it that are near enough; *needed leaves out the gaps. Returns how many went in
 * whole. */
static size_t merge_planned(struct readahead *ahead, struct sluice_range *out, int64_t *needed) {
  *out = *planned(ahead, 0);
  out->size = *needed = least(out->size, ahead->range_size);
  if (out->size < planned(ahead, 0)->size)
    return 0;
  size_t used = 1;
  for (; used < ahead->plan_count; used++) {
    const struct sluice_range *range = planned(ahead, used);
    int64_t gap = range->offset - (out->offset + out->size);
    if (gap < 0 || gap > MERGE_GAP || range->offset + range->size - out->offset > ahead->range_size)
      break;
    out->size += gap + range->size;
    *needed += range->size;
  }
  return used;
}

static void take_planned(struct readahead *ahead, size_t used, int64_t part) {
  for (size_t i = 0; i < used; i++)
    plan_pop(ahead);
  if (used)
    return;
  planned(ahead, 0)->offset += part; /* larger than a block: the rest stays */
  planned(ahead, 0)->size -= part;
}

static void start_planned(struct readahead *ahead) {
  while (ahead->plan_count) {
    struct sluice_range range;
    int64_t needed;
    size_t used = merge_planned(ahead, &range, &needed);
    if (!has_room(ahead, range.size))
      return;
    struct block *block = add(ahead, range.offset, range.size, false);
    if (!block)
      return; /* the read itself will say that there is no memory */
    block->needed = needed;
    take_planned(ahead, used, range.size);
  }
}

static void start_sequential(struct readahead *ahead) {
  int64_t from = ahead->next;
  for (const struct block *block = find(ahead, from); block; block = find(ahead, from))
    from = end_of(block);
  while (from < ahead->size) {
    int64_t size = least(ahead->range_size, ahead->size - from);
    if (!has_room(ahead, size) || !add(ahead, from, size, false))
      return;
    from += size;
  }
}

/* What was read before its turn came need not be fetched again. */
static void trim_plan(struct readahead *ahead, int64_t offset, int64_t end) {
  while (ahead->plan_count) {
    struct sluice_range *range = planned(ahead, 0);
    if (range->offset < offset || range->offset >= end)
      return;
    if (range->offset + range->size > end) {
      range->size -= end - range->offset;
      range->offset = end;
      return;
    }
    plan_pop(ahead);
  }
}

/* A step back, as decoders do to see a cut record whole, does not end the sequence. */
static bool note_read(struct readahead *ahead, int64_t offset, int64_t end) {
  bool in_sequence = offset <= ahead->next && ahead->next - offset <= ahead->range_size;
  int64_t fresh = in_sequence && end > ahead->next ? end - ahead->next : 0;
  ahead->run = in_sequence ? ahead->run + fresh : end - offset;
  ahead->next = end;
  return in_sequence;
}

void readahead_consumed(struct readahead *ahead, int64_t offset, int64_t n) {
  bool in_sequence = note_read(ahead, offset, offset + n);
  count_needed(ahead, offset, n);
  trim_plan(ahead, offset, offset + n);
  let_go(ahead, offset, n, in_sequence);
  grant_waiting(ahead);
  start_planned(ahead);
  if (sequential(ahead)) {
    start_sequential(ahead);
    start_early(ahead, ahead->next);
  } else if (ahead->planned && ahead->plan_run >= HEAD_BYTES && ahead->plan_count == 0) {
    start_early(ahead, ahead->plan_end);
  }
}

/* ---- plan ---- */

/* Without what is in memory or on its way already, at its beginning. */
static void skip_covered(const struct readahead *ahead, struct sluice_range *range) {
  int64_t from = range->offset, end = from + range->size;
  for (const struct block *block = find(ahead, from); block && from < end; block = find(ahead, from))
    from = end_of(block);
  range->size = from < end ? end - from : 0;
  range->offset = from;
}

static bool is_planned(struct readahead *ahead, struct sluice_range range) {
  for (size_t i = 0; i < ahead->plan_count; i++) {
    const struct sluice_range *have = planned(ahead, i);
    if (have->offset <= range.offset && range.offset + range.size <= have->offset + have->size)
      return true;
  }
  return false;
}

void readahead_plan(struct readahead *ahead, const struct sluice_range *ranges, size_t count) {
  ahead->planned = true;
  for (size_t i = 0; i < count && ahead->plan_count < READAHEAD_PLAN_MAX; i++) {
    struct sluice_range range = ranges[i];
    if (range.offset < 0 || range.size <= 0 || range.offset >= ahead->size)
      continue;
    range.size = least(range.size, ahead->size - range.offset);
    ahead->plan_run = range.offset == ahead->plan_end ? ahead->plan_run + range.size : 0;
    ahead->plan_end = range.offset + range.size;
    skip_covered(ahead, &range);
    if (range.size > 0 && !is_planned(ahead, range))
      *planned(ahead, ahead->plan_count++) = range;
  }
  start_planned(ahead);
}

/* ---- ends ---- */

void readahead_forget(struct readahead *ahead, const struct block *block) {
  for (size_t i = 0; i < ahead->count; i++)
    if (ahead->blocks[i] == block) {
      drop_at(ahead, i);
      return;
    }
}

void readahead_finish(struct readahead *ahead) {
  while (ahead->count)
    drop_at(ahead, ahead->count - 1);
  object_name_unref(ahead->name);
  ahead->name = NULL;
}
