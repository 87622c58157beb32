/* Records that are dropped, one by one or with the rest of their block, and the numbers of those that are kept. */
#include "reader.h"

static int note_ordinals(struct avro_reader *r, int64_t from, int64_t n) {
  if (sluice_buffer_reserve(&r->origin, (size_t)n * sizeof(int64_t)) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  int64_t *at = (int64_t *)(void *)(r->origin.data + r->origin.size);
  for (int64_t i = 0; i < n; i++)
    at[i] = from + i;
  r->origin.size += (size_t)n * sizeof(int64_t);
  return SLUICE_OK;
}

int avro_rows_keep(struct avro_reader *r, int64_t n) {
  int code = r->dropped && n ? note_ordinals(r, r->row, n) : SLUICE_OK;
  if (!code)
    r->row += n;
  return code;
}

/* The ordinals are written down from the first dropped record of the batch on. */
int avro_rows_drop(struct avro_reader *r, int64_t n) {
  if (!r->dropped) {
    r->origin.size = 0;
    if (note_ordinals(r, r->first_row, r->columns.top->length) != SLUICE_OK)
      return SLUICE_ERR_MEMORY;
    r->dropped = true;
  }
  r->row += n;
  return SLUICE_OK;
}

static int no_memory(const struct avro_reader *r, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory to go on behind record %lld", (long long)r->row);
}

static const char *name_of(const struct avro_reader *r, const struct avro_column *column) {
  const struct avro_column *root = r->columns.root;
  for (uint32_t i = 0; column && i < root->count; i++)
    if (root->children[i] == column)
      return r->columns.schema.children[i]->name;
  return NULL;
}

/* One reject; the reader goes on behind it where that is OK. */
static int reject(struct avro_reader *r, const struct sluice_reject *record, const char *advice,
                  struct sluice_error *err) {
  if (r->rejects)
    return r->rejects->add(r->rejects, record, err);
  bool first = err && !err->message[0];
  sluice_fail(err, SLUICE_ERR_DATA, r->part, "record %lld, in the block at byte %lld%s%s: %s; %s",
              (long long)record->row, (long long)record->offset, record->column ? ", column " : "",
              record->column ? record->column : "", record->reason, advice);
  if (first) {
    err->row = record->row;
    err->offset = record->offset;
  }
  return SLUICE_ERR_DATA;
}

int avro_reject_record(struct avro_reader *r, struct sluice_error *err) {
  const struct avro_run *run = &r->run;
  size_t size = (size_t)(run->p - run->from);
  const struct sluice_reject record = {.struct_size = sizeof record,
                                       .row = r->row,
                                       .offset = r->block.offset,
                                       .column = name_of(r, run->culprit),
                                       .reason = run->reason,
                                       .raw = run->from,
                                       .raw_size = size < AVRO_RAW_MAX ? size : AVRO_RAW_MAX};
  int code = reject(r, &record, "mend it, or let bad records be rejected", err);
  if (code)
    return code;
  if (avro_rows_drop(r, 1) != SLUICE_OK)
    return no_memory(r, err);
  r->taken++;
  r->at = run->p - r->block.plain.data;
  return SLUICE_OK;
}

/* Behind the block where its end is known, else behind the next sync marker. */
int avro_leave_block(struct avro_reader *r, struct sluice_error *err) {
  struct avro_input *w = &r->file.input;
  int code = r->block.next >= 0 ? avro_input_seek(w, r->block.next, err)
                                : avro_block_find(w, r->file.header.sync, r->block.offset, err);
  r->ended = code == SLUICE_END;
  r->leaving = code < 0;
  return code == SLUICE_END ? SLUICE_OK : code;
}

/* Of records that cannot be counted, one number is used up for the reject. */
static int64_t count_lost(const struct avro_reader *r) {
  int64_t left = r->block.count - r->taken;
  bool known = r->block.next >= 0 && r->block.count <= (int64_t)1 << 32;
  return known && left > 0 ? left : 1;
}

int avro_reject_block(struct avro_reader *r, const char *why, struct sluice_error *err) {
  int64_t lost = count_lost(r);
  char reason[512];
  if (!r->skip_block) {
    bool first = err && !err->message[0];
    sluice_fail(err, SLUICE_ERR_DATA, r->part,
                "the block at byte %lld cannot be read on from record %lld: %s; on_corrupt = \"skip_block\" goes on "
                "behind it",
                (long long)r->block.offset, (long long)r->row, why);
    if (first) {
      err->row = r->row;
      err->offset = r->block.offset;
    }
    return SLUICE_ERR_DATA;
  }
  if (r->block.next >= 0)
    snprintf(reason, sizeof reason, "the block at byte %lld cannot be read on: %s; %lld of its %lld records are lost",
             (long long)r->block.offset, why, (long long)(r->block.count - r->taken), (long long)r->block.count);
  else
    snprintf(reason, sizeof reason, "the block at byte %lld cannot be read: %s; all up to the next sync marker is lost",
             (long long)r->block.offset, why);
  const struct sluice_reject record = {
      .struct_size = sizeof record, .row = r->row, .offset = r->block.offset, .reason = reason};
  int code = reject(r, &record, "let bad records be rejected", err);
  if (!code && avro_rows_drop(r, lost) != SLUICE_OK)
    code = no_memory(r, err);
  if (code)
    return code;
  r->in_block = false;
  r->leaving = true;
  return avro_leave_block(r, err);
}
