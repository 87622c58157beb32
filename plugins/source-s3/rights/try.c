/* One small read of an object, to see whether it is allowed. */
#include "rights/try.h"
#include "read/block.h"

enum { TRY_BYTES = 1024 };

int try_read(struct access *access, struct engine *engine, const char *key, const char *version_id, size_t *got,
             struct fault *fault, struct sluice_error *err) {
  fault_clear(fault);
  *got = 0;
  struct object_name *name = object_name_create(key, version_id);
  struct block_plan plan = {
      .engine = engine, .bucket = &access->bucket, .name = name, .pin = "", .size = TRY_BYTES, .object_size = -1};
  struct block *block = name ? block_start(&plan) : NULL;
  object_name_unref(name);
  if (!block)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory to read an object");
  int status = engine_finish_call(engine, &block->call, err);
  if (status != SLUICE_ERR_CANCELLED) {
    *got = block->filled;
    *fault = block->call.fault;
  }
  block_drop(block);
  return status;
}
