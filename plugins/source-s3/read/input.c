/* An open object as the contract's input. */
#include "read/input.h"
#include "address/location.h"
#include "base/version.h"
#include "read/readahead.h"
#include <stdlib.h>

struct input {
  struct readahead ahead;
  char *name;
  struct text version;
  bool checked; /* an empty object: nothing was read, yet it is there and of this version */
};

/* ---- reading ---- */

/* Waits until the block has bytes up to `upto` (from its start), all of it, or failed. */
static int wait_filled(struct input *in, struct block *block, size_t upto, size_t *filled, struct sluice_error *err) {
  int status = SLUICE_OK;
  struct engine *engine = block->engine;
  engine_lock(engine);
  while (!block->call.done && block->filled < upto && status == SLUICE_OK) {
    block->awaited = upto;
    status = engine_wait(engine, &block->call, err);
  }
  *filled = block->filled;
  if (status == SLUICE_OK && block->filled < upto && block->call.status != SLUICE_OK) {
    status = block->call.status;
    call_copy_error(&block->call, err);
  }
  engine_unlock(engine);
  if (status != SLUICE_OK)
    readahead_forget(&in->ahead, block);
  return status;
}

static int no_memory(struct sluice_error *err, const struct input *in) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, in->name, "no memory to read the object");
}

/* An object without bytes is read too, so that one that is gone or changed is noticed. */
static int check_empty(struct input *in, struct sluice_error *err) {
  if (in->checked || in->ahead.size != 0)
    return SLUICE_OK;
  struct block *block = in->ahead.count ? in->ahead.blocks[0] : readahead_begin(&in->ahead);
  if (!block)
    return no_memory(err, in);
  int status = engine_finish_call(block->engine, &block->call, err);
  in->checked = status == SLUICE_OK;
  if (status != SLUICE_OK)
    readahead_forget(&in->ahead, block);
  return status;
}

static int check_arguments(const struct input *in, int64_t offset, size_t *n, struct sluice_error *err) {
  if (offset < 0)
    return sluice_fail(err, SLUICE_ERR_BUG, in->name, "a read at a negative offset");
  int64_t rest = offset < in->ahead.size ? in->ahead.size - offset : 0;
  if ((uint64_t)*n > (uint64_t)rest)
    *n = (size_t)rest;
  return SLUICE_OK;
}

/* Copies what one block has of the stretch. */
static int read_some(struct input *in, int64_t offset, uint8_t *out, size_t n, size_t *got, struct sluice_error *err) {
  size_t filled = 0;
  struct block *block = readahead_block(&in->ahead, offset, (int64_t)n);
  if (!block)
    return no_memory(err, in);
  size_t at = (size_t)(offset - block->offset), take = block->capacity - at;
  if (take > n)
    take = n;
  int status = wait_filled(in, block, at + take, &filled, err);
  if (status != SLUICE_OK)
    return status;
  if (filled < at + take)
    return sluice_fail(err, SLUICE_ERR_BUG, in->name, "a block of the object is too short");
  memcpy(out, block->data + at, take);
  readahead_consumed(&in->ahead, offset, (int64_t)take);
  *got = take;
  return SLUICE_OK;
}

static int read_at(struct sluice_input *input, int64_t offset, void *buf, size_t n, size_t *got,
                   struct sluice_error *err) {
  struct input *in = input->private_data;
  uint8_t *out = buf;
  size_t done = 0;
  int status = check_arguments(in, offset, &n, err);
  if (status == SLUICE_OK)
    status = check_empty(in, err);
  while (status == SLUICE_OK && done < n) {
    size_t some = 0;
    status = read_some(in, offset + (int64_t)done, out + done, n - done, &some, err);
    done += some;
  }
  if (status == SLUICE_OK)
    *got = done;
  return status;
}

/* ---- views ---- */

static void release_block_view(struct sluice_bytes *view) {
  struct block *block = view->private_data;
  view->release = NULL;
  block_end_view(block);
}

static void release_copy(struct sluice_bytes *view) {
  free(view->private_data);
  view->release = NULL;
}

static int view_copy(struct sluice_input *input, int64_t offset, size_t n, struct sluice_bytes *out,
                     struct sluice_error *err) {
  struct input *in = input->private_data;
  size_t got = 0;
  uint8_t *copy = malloc(n ? n : 1);
  if (!copy)
    return no_memory(err, in);
  int status = read_at(input, offset, copy, n, &got, err);
  if (status == SLUICE_OK)
    *out = (struct sluice_bytes){copy, got, release_copy, copy};
  else
    free(copy);
  return status;
}

static int view_at(struct sluice_input *input, int64_t offset, size_t n, struct sluice_bytes *out,
                   struct sluice_error *err) {
  struct input *in = input->private_data;
  size_t filled = 0;
  int status = check_arguments(in, offset, &n, err);
  if (status == SLUICE_OK)
    status = check_empty(in, err);
  if (status != SLUICE_OK)
    return status;
  if (n == 0)
    return view_copy(input, offset, 0, out, err);
  struct block *block = readahead_block(&in->ahead, offset, (int64_t)n);
  if (!block)
    return no_memory(err, in);
  size_t at = (size_t)(offset - block->offset);
  if (n > block->capacity - at)
    return view_copy(input, offset, n, out, err);
  status = wait_filled(in, block, at + n, &filled, err);
  if (status != SLUICE_OK)
    return status;
  if (filled < at + n)
    return sluice_fail(err, SLUICE_ERR_BUG, in->name, "a block of the object is too short");
  atomic_fetch_add(&block->call.references, 1);
  *out = (struct sluice_bytes){block->data + at, n, release_block_view, block};
  readahead_consumed(&in->ahead, offset, (int64_t)n);
  return SLUICE_OK;
}

static void will_need(struct sluice_input *input, const struct sluice_range *ranges, size_t count) {
  struct input *in = input->private_data;
  readahead_plan(&in->ahead, ranges, count);
}

/* ---- opening ---- */

static void input_destroy(struct input *in) {
  if (!in)
    return;
  readahead_finish(&in->ahead);
  text_finish(&in->version);
  free(in->name);
  free(in);
}

static void release(struct sluice_input *input) {
  input_destroy(input->private_data);
  input->private_data = NULL;
  input->release = NULL;
}

static int prepare(struct input *in, struct access *access, const struct sluice_part *part, struct sluice_error *err) {
  const struct s3_options *options = access->client->options;
  struct location location;
  int status = location_parse(part->name, "part", &location, err);
  if (status != SLUICE_OK)
    return status;
  if (!location.key[0])
    return sluice_fail(err, SLUICE_ERR_CONFIG, part->name, "the name has no key; write s3://BUCKET/KEY");
  const char *version = part->version ? part->version : "";
  if (!version_fit(version))
    return sluice_fail(err, SLUICE_ERR_DATA, part->name, "its version is no ETag");
  const char *id = NULL;
  version_is_id(version, &id);
  in->ahead.bucket = &access->bucket;
  in->ahead.name = object_name_create(location.key, id);
  in->name = strdup(part->name);
  text_puts(&in->version, version);
  if (!in->ahead.name || !in->name || in->version.failed)
    return no_memory(err, in);
  if (version_is_etag(version))
    snprintf(in->ahead.pin, sizeof in->ahead.pin, "%s", version);
  in->ahead.size = part->size >= 0 ? part->size : -1;
  in->ahead.range_size = options->range_size;
  in->ahead.window = options->window;
  in->ahead.verify = options->verify_checksums != 0;
  return SLUICE_OK;
}

/* Waits for the head of the first answer and takes size and version from it. */
static int learn(struct input *in, struct block *block, struct sluice_error *err) {
  int status = SLUICE_OK;
  engine_lock(block->engine);
  while (!block->call.done && !block->learned && status == SLUICE_OK)
    status = engine_wait(block->engine, &block->call, err);
  if (status == SLUICE_OK && !block->learned) {
    status = block->call.status;
    call_copy_error(&block->call, err);
  }
  if (status == SLUICE_OK) {
    if (in->ahead.size < 0)
      in->ahead.size = block->object_size;
    if (block->etag[0])
      snprintf(in->ahead.pin, sizeof in->ahead.pin, "%s", block->etag);
    in->ahead.held -= (int64_t)(block->capacity - block->size);
    block->capacity = block->size;
  }
  engine_unlock(block->engine);
  return status;
}

/* A version that was given stays as it is, even where the answer's ETag says more: the ledger knows it by that text. */
static bool fix_version(struct input *in) {
  if (in->version.size == 0)
    version_make(in->ahead.pin, in->ahead.size, INT64_MIN, &in->version);
  return !in->version.failed;
}

int input_open(struct access *access, struct engines *engines, const struct sluice_part *part,
               struct sluice_part *opened, struct sluice_input *out, struct sluice_error *err) {
  struct input *in = calloc(1, sizeof *in);
  if (!in)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part->name, "no memory to read the object");
  in->ahead.engines = engines;
  int status = prepare(in, access, part, err);
  struct block *block = status == SLUICE_OK ? readahead_begin(&in->ahead) : NULL;
  if (status == SLUICE_OK && !block)
    status = no_memory(err, in);
  bool pinned = in->ahead.pin[0] || (in->ahead.name && in->ahead.name->version_id);
  if (status == SLUICE_OK && (in->ahead.size < 0 || !pinned))
    status = learn(in, block, err);
  if (status == SLUICE_OK && !fix_version(in))
    status = no_memory(err, in);
  if (status != SLUICE_OK) {
    input_destroy(in);
    return status;
  }
  *opened = (struct sluice_part){.struct_size = sizeof *opened,
                                 .name = in->name,
                                 .version = text_get(&in->version),
                                 .size = in->ahead.size,
                                 .modified = part->modified};
  *out = (struct sluice_input){.size = in->ahead.size,
                               .window = in->ahead.window,
                               .read_at = read_at,
                               .view_at = view_at,
                               .will_need = will_need,
                               .release = release,
                               .private_data = in};
  return SLUICE_OK;
}
