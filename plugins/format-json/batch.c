/* Fills a batch record by record. */
#include "reader.h"
#include <stdlib.h>

static int no_memory(const struct json_reader *r, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory for a batch from record %lld on; lower batch_bytes",
                     (long long)r->first_row);
}

static bool is_cancelled(const struct json_reader *r) {
  const struct sluice_host *host = r->format->host;
  return host && host->cancelled && host->cancelled(host);
}

/* ---- numbers of records, once one was dropped ---- */

static int note_ordinals(struct json_reader *r, int64_t from, int64_t n) {
  if (sluice_buffer_reserve(&r->origin, (size_t)n * sizeof(int64_t)) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  int64_t *at = (int64_t *)(void *)(r->origin.data + r->origin.size);
  for (int64_t i = 0; i < n; i++)
    at[i] = from + i;
  r->origin.size += (size_t)n * sizeof(int64_t);
  return SLUICE_OK;
}

static int note_dropped(struct json_reader *r) {
  if (r->dropped)
    return SLUICE_OK;
  r->origin.size = 0;
  r->dropped = note_ordinals(r, r->first_row, r->root->length) == SLUICE_OK;
  return r->dropped ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

/* ---- one record ---- */

static void end_record(struct json_reader *r) {
  json_frame_done(&r->framer, &r->window, &r->frame);
  r->framed = false;
  r->row++;
}

static int drop_record(struct json_reader *r, struct sluice_error *err) {
  if (r->run.fault.code == JSON_FAULT_MEMORY || note_dropped(r) != SLUICE_OK)
    return no_memory(r, err);
  int code = json_record_reject(r, err);
  if (!code)
    end_record(r);
  return code;
}

/* Members that the schema does not have are told of once. */
static void warn(struct json_reader *r) {
  const struct sluice_host *host = r->format->host;
  if (r->warned || r->run.unknown == 0)
    return;
  r->warned = true;
  if (host && host->log && r->run.unknown_zero)
    sluice_log(host, SLUICE_WARN,
               "%s: record %lld has a member %s, and a column cannot be called so, for its name has a zero byte in it; "
               "it is passed over, and so are others that are no columns; give it another name in the file",
               r->part, (long long)r->row, r->run.unknown_name);
  else if (host && host->log)
    sluice_log(host, SLUICE_WARN,
               "%s: record %lld has a member %s, which was in no record of the sample, and is passed over; so are "
               "others like it; a larger sample finds them, infer = \"whole\" finds all, extra = \"reject\" rejects "
               "such records",
               r->part, (long long)r->row, r->run.unknown_name);
}

static bool passes(const struct json_reader *r, int64_t more) {
  return r->row > r->first_row && r->cost + more > r->batch_bytes;
}

static int take_record(struct json_reader *r, struct sluice_error *err) {
  int64_t before = r->root->length, size = (int64_t)r->frame.size;
  if (!r->frame.fault && passes(r, size)) {
    r->full = true;
    return SLUICE_OK;
  }
  if (json_record_begin(r) != JSON_FAULT_NONE)
    return drop_record(r, err);
  if (!json_run_record(&r->run, r->root)) {
    json_column_cut(r->root, before);
    return drop_record(r, err);
  }
  if (r->run.unknown)
    warn(r);
  if (passes(r, size + r->run.cost)) {
    json_column_cut(r->root, before);
    r->full = true;
    return SLUICE_OK;
  }
  if (r->dropped && note_ordinals(r, r->row, 1) != SLUICE_OK) {
    json_column_cut(r->root, before);
    return no_memory(r, err);
  }
  r->cost += size + r->run.cost;
  end_record(r);
  return SLUICE_OK;
}

static int next_record(struct json_reader *r, struct sluice_error *err) {
  if (!r->framed) {
    int code = json_frame_next(&r->framer, &r->window, &r->frame, err);
    r->ended = code == SLUICE_END;
    if (code)
      return code < 0 ? code : SLUICE_OK;
    r->framed = true;
  }
  return take_record(r, err);
}

/* An error in the midst of a batch waits until what was read is delivered. */
static int keep_failure(struct json_reader *r, int code, struct sluice_error *err) {
  if (code != SLUICE_ERR_DATA || r->row == r->first_row || r->framed)
    return code;
  r->failed = code;
  if (err) {
    r->failure = *err;
    *err = (struct sluice_error){0};
  }
  return SLUICE_OK;
}

int json_batch_fill(struct json_reader *r, struct sluice_error *err) {
  int64_t target = r->first_row + r->batch_rows - (r->first_row - r->unit_row) % r->batch_rows;
  while (!r->ended && !r->full && !r->failed && r->row < target) {
    if ((r->row & 63) == 0 && is_cancelled(r))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, r->part, "stopped while reading");
    int code = next_record(r, err);
    if (code)
      code = keep_failure(r, code, err);
    if (code)
      return code;
  }
  return SLUICE_OK;
}

/* ---- the batch ---- */

/* Lets the array own the ordinals, so that they live as long as it does. */
static int attach_origin(struct json_reader *r, struct ArrowArray *array, const int64_t **origin) {
  int code = sluice_array_attach(array, r->origin.data);
  if (code)
    return code;
  *origin = (const int64_t *)(const void *)r->origin.data;
  r->origin = (struct sluice_buffer){0};
  return SLUICE_OK;
}

int json_batch_take(struct json_reader *r, struct sluice_batch *out, struct sluice_error *err) {
  struct ArrowArray array = {0};
  const int64_t *origin = NULL;
  int code = r->broken ? SLUICE_ERR_MEMORY : json_column_take(r->root, &array);
  if (!code && r->dropped) {
    code = attach_origin(r, &array, &origin);
    if (code)
      sluice_array_release(&array);
  }
  r->broken = code != SLUICE_OK;
  if (code)
    return no_memory(r, err);
  out->first_row = r->first_row;
  out->end = (struct sluice_position){.row = r->row, .offset = r->framed ? r->frame.offset : r->window.offset};
  out->end.detail[0] = r->framer.layout == JSON_LAYOUT_ARRAY ? (int64_t)r->framer.place : 0;
  out->origin = origin;
  out->ops = NULL;
  out->array = array;
  r->first_row = r->row;
  r->cost = 0;
  r->dropped = r->full = false;
  return SLUICE_OK;
}
