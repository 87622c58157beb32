/* Listing a source for a dry run. */
#include "core/plan/listing.h"
#include <stdlib.h>

enum { MAX_TRIES = 2, MAX_WAIT_MS = 60000, NAMES_MAX = 1000 /* as a run looks at its first page */ };

int listing_start(const struct component *source, struct sluice_error *err) {
  int code = source->loaded->source.list(source->self, NULL, err);
  return sluice_fail(err, code, source->loaded->entry.full_name, "the listing failed, and the source gave no reason");
}

static int next_once(const struct component *source, struct sluice_part *out, struct sluice_error *err) {
  *out = (struct sluice_part){.struct_size = sizeof *out, .size = -1, .modified = INT64_MIN};
  int code = source->loaded->source.next_part(source->self, out, err);
  if (!code && !out->name)
    return sluice_fail(err, SLUICE_ERR_BUG, source->loaded->entry.full_name,
                       "the source gave a part without a name; this is a fault of the plugin");
  return code;
}

int listing_next(const struct component *source, const struct stop *stop, struct sluice_part *out,
                 struct sluice_error *err) {
  for (int tries = 1;; tries++) {
    struct sluice_error why = {0};
    if (stop_at(stop, STOP_DRAIN))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
    int code = next_once(source, out, &why);
    int64_t ms = why.retry_ms > 0 && why.retry_ms < MAX_WAIT_MS ? why.retry_ms : 1000;
    if (code >= SLUICE_OK)
      return code;
    if (code != SLUICE_ERR_RETRY || tries == MAX_TRIES || !stop_sleep(stop, STOP_DRAIN, (long)ms)) {
      *err = why;
      return sluice_fail(err, code, source->loaded->entry.full_name,
                         "the listing failed, and the source gave no reason");
    }
  }
}

int first_parts_add(struct first_parts *first, const struct sluice_part *part) {
  if (first->n == FIRST_PARTS || part->size == 0)
    return SLUICE_OK;
  char *name = strdup(part->name), *version = strdup(part->version ? part->version : "");
  if (!name || !version) {
    free(name);
    free(version);
    return SLUICE_ERR_MEMORY;
  }
  first->parts[first->n++] = (struct sluice_part){.struct_size = sizeof *first->parts,
                                                  .name = name,
                                                  .version = version,
                                                  .size = part->size,
                                                  .modified = part->modified};
  return SLUICE_OK;
}

void first_parts_finish(struct first_parts *first) {
  for (size_t i = 0; i < first->n; i++) {
    free((char *)(uintptr_t)first->parts[i].name);
    free((char *)(uintptr_t)first->parts[i].version);
  }
  first->n = 0;
}

int first_parts_list(const struct component *source, const struct stop *stop, struct first_parts *out, int64_t *names,
                     struct sluice_error *err) {
  int code = listing_start(source, err);
  while (!code && *names < NAMES_MAX && out->n < FIRST_PARTS) {
    struct sluice_part part;
    code = listing_next(source, stop, &part, err);
    if (!code && !part.skip)
      code = first_parts_add(out, &part);
    *names += code == SLUICE_OK;
  }
  return code == SLUICE_END ? SLUICE_OK : code;
}
