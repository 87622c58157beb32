/* Opens a part or a split of it, and the reader's face to the host. */
#include "reader.h"
#include <stdlib.h>

enum { DEFAULT_ROWS = 64 * 1024 };
static const int64_t default_bytes = 64 << 20;

static void destroy(struct arrow_reader *r) {
  arrow_reader_forget(r);
  arrow_dictionaries_destroy(r->loader.dictionaries);
  arrow_codecs_finish(&r->loader.codecs);
  arrow_project_finish(&r->project);
  arrow_file_finish(&r->file);
  free(r->columns);
  free(r->schemas);
  free(r->arrays);
  free(r->part);
  free(r);
}

static void reader_release(struct sluice_reader *reader) {
  struct arrow_reader *r = reader->private_data;
  if (r->input.release)
    r->input.release(&r->input);
  destroy(r);
  reader->release = NULL;
  reader->private_data = NULL;
}

static int reader_schema(struct sluice_reader *reader, struct ArrowSchema *out, struct sluice_error *err) {
  struct arrow_reader *r = reader->private_data;
  int rc = sluice_schema_copy(&r->project.schema, out);
  return rc ? sluice_fail(err, rc, r->part, "no memory for the schema") : rc;
}

static int reader_next(struct sluice_reader *reader, struct sluice_batch *out, struct sluice_error *err) {
  struct arrow_reader *r = reader->private_data;
  int rc = r->at < r->rows ? SLUICE_OK : arrow_reader_advance(r, err);
  return rc ? rc : arrow_reader_slice(r, out, err);
}

static int no_memory(const struct sluice_scan *scan, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, scan->part, "no memory for a reader");
}

static bool is_start(const struct sluice_position *p) {
  return p->row == 0 && p->offset == 0 && p->detail[0] == 0 && p->detail[1] == 0;
}

static void go_to_start(struct arrow_reader *r, const struct sluice_scan *scan) {
  const struct sluice_position *at = is_start(&scan->from) ? &scan->begin : &scan->from;
  r->row = at->row;
  r->unit_row = scan->begin.row;
  r->skip = at->detail[0];
  r->next =
      (struct arrow_place){at->offset > 0 ? at->offset : r->file.first, at->detail[1] > 0 ? at->detail[1] - 1 : 0};
  if (r->next.offset < r->file.first)
    r->next.offset = r->file.first;
  r->stop = (struct arrow_place){scan->end.offset, scan->end.detail[1] > 0 ? scan->end.detail[1] - 1 : 0};
}

/* Room for the arrays of a record batch. */
static int make_room(struct arrow_reader *r, const struct sluice_scan *scan, struct sluice_error *err) {
  size_t n = (size_t)r->file.fields.root.n_children;
  r->columns = calloc(n + 1, sizeof *r->columns);
  r->schemas = calloc((size_t)r->project.count + 1, sizeof *r->schemas);
  r->arrays = calloc((size_t)r->project.count + 1, sizeof *r->arrays);
  if (!r->columns || !r->schemas || !r->arrays)
    return no_memory(scan, err);
  for (int64_t i = 0; i < r->project.count; i++) {
    int64_t source = r->project.sources[i];
    if (source < 0 || r->columns[source].n_children < 0)
      continue; /* asked for twice, it is proven once */
    r->columns[source].n_children = -1;
    r->schemas[r->n_wanted] = r->project.schema.children[i];
    r->arrays[r->n_wanted++] = &r->columns[source];
  }
  for (int64_t i = 0; i < r->n_wanted; i++)
    r->arrays[i]->n_children = 0;
  return SLUICE_OK;
}

static int prepare(struct arrow_reader *r, const struct sluice_scan *scan, struct sluice_error *err) {
  int rc = arrow_file_open(&r->loader.source, r->format->host, &r->file, err);
  if (rc == SLUICE_OK)
    rc = arrow_project_init(&r->project, &r->loader.source, &r->file.fields, scan, err);
  if (rc == SLUICE_OK)
    rc = arrow_dictionaries_create(&r->loader.source, &r->file.fields, &r->loader.dictionaries, err);
  if (rc == SLUICE_OK)
    rc = make_room(r, scan, err);
  if (rc)
    return rc;
  r->loader.big_endian = r->file.fields.big_endian;
  r->batch_rows = scan->batch_rows > 0 ? scan->batch_rows : DEFAULT_ROWS;
  r->batch_bytes = scan->batch_bytes > 0 ? scan->batch_bytes : default_bytes;
  go_to_start(r, scan);
  return SLUICE_OK;
}

int arrow_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
                 struct sluice_error *err) {
  struct arrow_reader *r = calloc(1, sizeof *r);
  if (!r)
    return no_memory(scan, err);
  r->format = self;
  r->part = strdup(scan->part ? scan->part : "");
  r->loader = (struct arrow_loader){.source = {in, r->part}, .config = r->format->config};
  int rc = r->part ? prepare(r, scan, err) : no_memory(scan, err);
  if (rc) {
    destroy(r);
    return rc;
  }
  r->input = *in;
  r->loader.source.input = &r->input;
  memset(in, 0, sizeof *in);
  *out = (struct sluice_reader){reader_schema, reader_next, reader_release, r};
  return SLUICE_OK;
}
