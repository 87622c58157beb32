/* Streams and files are told apart by their first bytes. A file whose index is broken is read as the stream that it
 * holds. */
#include "file.h"
#include <stdlib.h>

enum { MAGIC = 6, STREAM_IN_FILE = 8, TAIL = 10, BLOCK_SIZE = 24 };
enum { FOOTER_VERSION, FOOTER_SCHEMA, FOOTER_DICTIONARIES, FOOTER_BATCHES };
static const char magic[] = "ARROW1";

void arrow_file_finish(struct arrow_file *f) {
  arrow_fields_finish(&f->fields);
  free(f->dictionaries);
  free(f->batches);
  memset(f, 0, sizeof *f);
}

/* ---- the index ---- */

struct footer {
  const struct arrow_source *source;
  struct sluice_bytes bytes;
  struct fb fb;
  struct fb_table table;
  int64_t start, budget; /* where it starts; how many bytes its blocks may have in all */
  struct sluice_error *err;
};

static int broken(const struct footer *f, const char *what) {
  return sluice_fail(f->err, SLUICE_ERR_DATA, f->source->part, "the index at its end is damaged: %s",
                     f->fb.fault ? f->fb.fault : what);
}

static int read_tail(struct footer *f) {
  uint8_t tail[TAIL];
  size_t got = 0;
  int64_t size = f->source->input->size;
  if (size < 2 * STREAM_IN_FILE + TAIL)
    return broken(f, "it is too short for one");
  int rc = arrow_bytes_peek(f->source, size - TAIL, tail, sizeof tail, &got, f->err);
  if (rc)
    return rc;
  int32_t length;
  memcpy(&length, tail, sizeof length);
  if (got < sizeof tail || memcmp(tail + 4, magic, MAGIC) != 0)
    return broken(f, "the file does not end as Arrow files do, and may be cut short");
  if (length < 8 || length > ARROW_MAX_METADATA || length > size - TAIL - STREAM_IN_FILE)
    return broken(f, "its size is out of range");
  f->start = size - TAIL - length;
  f->budget = f->start;
  rc = arrow_bytes_read(f->source, f->start, length, &f->bytes, f->err);
  if (rc)
    return rc;
  fb_init(&f->fb, f->bytes.data, f->bytes.size);
  return fb_root(&f->fb, &f->table) ? SLUICE_OK : broken(f, "it has no content");
}

static bool read_block(struct footer *f, size_t at, struct arrow_block *b) {
  *b = (struct arrow_block){fb_at(&f->fb, at, 8), fb_at(&f->fb, at + 8, 4), fb_at(&f->fb, at + 16, 8)};
  if (b->offset < STREAM_IN_FILE || b->head < 8 || b->body < 0 || b->offset > f->start ||
      b->head > f->start - b->offset || b->body > f->start - b->offset - b->head)
    return false;
  f->budget -= b->head + b->body;
  return f->budget >= 0;
}

static int read_blocks(struct footer *f, unsigned slot, struct arrow_block **out, int64_t *count) {
  struct fb_vector list = {0, 0};
  fb_vector(&f->table, slot, BLOCK_SIZE, &list);
  if (f->fb.fault)
    return broken(f, "");
  *out = calloc(list.count + 1, sizeof **out);
  if (!*out)
    return sluice_fail(f->err, SLUICE_ERR_MEMORY, f->source->part, "no memory for the index at its end");
  *count = (int64_t)list.count;
  for (size_t i = 0; i < list.count; i++)
    if (!read_block(f, list.at + i * BLOCK_SIZE, &(*out)[i]))
      return broken(f, "a message lies outside the file, or several lie in one place");
  return SLUICE_OK;
}

static int read_index(struct footer *f, struct arrow_file *file) {
  struct fb_table schema;
  int rc = read_tail(f);
  if (rc)
    return rc;
  int64_t version = fb_number(&f->table, FOOTER_VERSION, 2, 0);
  if (!fb_sub(&f->table, FOOTER_SCHEMA, &schema))
    return broken(f, "it has no schema");
  rc = version > ARROW_V5 ? arrow_version_check(f->source, version, f->err) : SLUICE_OK; /* some leave it at 0 */
  if (rc == SLUICE_OK)
    rc = read_blocks(f, FOOTER_DICTIONARIES, &file->dictionaries, &file->n_dictionaries);
  if (rc == SLUICE_OK)
    rc = read_blocks(f, FOOTER_BATCHES, &file->batches, &file->n_batches);
  if (rc == SLUICE_OK)
    rc = arrow_fields_read(f->source, &schema, &file->fields, f->err);
  file->version = (int)version;
  return rc;
}

static int open_indexed(const struct arrow_source *source, struct arrow_file *file, struct sluice_error *err) {
  struct footer f = {.source = source, .err = err};
  int rc = read_index(&f, file);
  arrow_bytes_release(&f.bytes);
  file->indexed = rc == SLUICE_OK;
  if (rc)
    arrow_file_finish(file);
  return rc;
}

/* ---- streams ---- */

static int open_stream(const struct arrow_source *source, int64_t offset, struct arrow_file *file,
                       struct sluice_error *err) {
  struct arrow_message m;
  struct sluice_error why = {0};
  int rc = arrow_message_read(source, offset, &m, &why);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_DATA, source->part, "it ends before its schema: nothing can be read");
  if (rc == SLUICE_ERR_DATA)
    return sluice_fail(err, rc, source->part, "it is no Arrow stream or file, or is damaged where it starts: %s",
                       why.message);
  if (rc)
    return arrow_pass(err, rc, &why);
  if (m.kind != ARROW_SCHEMA)
    rc = arrow_message_fail(source, &m, "it comes before the schema", err);
  if (rc == SLUICE_OK)
    rc = arrow_fields_read(source, &m.header, &file->fields, err);
  file->first = m.next;
  file->version = m.version;
  arrow_message_finish(&m);
  return rc;
}

static int open_file(const struct arrow_source *source, const struct sluice_host *host, struct arrow_file *file,
                     struct sluice_error *err) {
  struct sluice_error why = {0};
  int rc = source->input->size < 0 ? SLUICE_ERR_DATA : open_indexed(source, file, &why);
  if (rc == SLUICE_ERR_DATA) {
    if (source->input->size >= 0 && host)
      sluice_log(host, SLUICE_WARN, "%s: %s; it is read as the stream that it holds", source->part, why.message);
    file->broken = source->input->size >= 0;
    return open_stream(source, STREAM_IN_FILE, file, err);
  }
  return rc ? arrow_pass(err, rc, &why) : rc;
}

int arrow_file_open(const struct arrow_source *source, const struct sluice_host *host, struct arrow_file *out,
                    struct sluice_error *err) {
  uint8_t head[STREAM_IN_FILE] = {0};
  size_t got = 0;
  struct arrow_file file = {0};
  int rc = arrow_bytes_peek(source, 0, head, sizeof head, &got, err);
  if (rc)
    return rc;
  if (got >= 4 && memcmp(head, "FEA1", 4) == 0)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, source->part,
                       "it is a Feather file of version 1, from before Arrow's own format; write it anew as Feather V2 "
                       "or Arrow IPC");
  if (got >= MAGIC && memcmp(head, magic, MAGIC) == 0)
    rc = open_file(source, host, &file, err);
  else
    rc = open_stream(source, 0, &file, err);
  if (rc)
    arrow_file_finish(&file);
  else
    *out = file;
  return rc;
}
