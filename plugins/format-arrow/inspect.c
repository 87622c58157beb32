/* sluice.inspect/1: what a stream or file holds besides its records, from the heads of its messages. */
#include "describe.h"
#include "file.h"
#include "metadata.h"
#include <jansson.h>
#include <sluice/services.h>

enum { LISTED_MAX = 1000, WALKED_MAX = 64 * 1024, TYPE_MAX = 4096, TEXT_MAX = 64 * 1024 };
enum { BATCH_LENGTH = 0, BATCH_COMPRESSION = 3, MESSAGE_METADATA = 4 };
enum { DICTIONARY_ID, DICTIONARY_DATA, DICTIONARY_DELTA };

struct inspection {
  struct arrow_source source;
  const struct arrow_format *format;
  struct arrow_file file;
  json_t *batches, *dictionaries;
  int64_t rows, n_batches, n_dictionaries, body_bytes;
  bool all;        /* every message was seen */
  char ended[768]; /* what ended the walk early */
  struct sluice_error *err;
};

static json_t *text(const char *bytes, size_t n) {
  bool cut = n > TEXT_MAX;
  json_t *made = cut ? NULL : json_stringn(bytes, n);
  return made ? made : json_sprintf(cut ? "(%zu bytes)" : "(%zu bytes that are not UTF-8)", n);
}

static int no_memory(const struct inspection *p) {
  return sluice_fail(p->err, SLUICE_ERR_MEMORY, p->source.part, "no memory for what it holds");
}

/* Adds a member; a NULL or a failure makes the whole NULL in the end. */
static bool set(json_t *object, const char *name, json_t *value) {
  return json_object_set_new(object, name, value) == 0;
}

/* ---- messages ---- */

static const char *compression(const struct arrow_message *m, const struct fb_table *batch) {
  struct fb_table table;
  size_t n = 0;
  if (fb_sub(batch, BATCH_COMPRESSION, &table))
    return fb_number(&table, 0, 1, 0) ? "zstd" : "lz4_frame";
  const char *old = arrow_metadata_find(&m->table, MESSAGE_METADATA, "ARROW:experimental_compression", &n);
  return !old ? "none" : n == 4 ? "zstd (experimental)" : "lz4_frame (experimental)";
}

static json_t *message_object(const struct arrow_message *m, const struct fb_table *batch) {
  return json_pack("{s:I, s:I, s:I, s:I, s:s}", "offset", (json_int_t)m->offset, "length",
                   (json_int_t)fb_number(batch, BATCH_LENGTH, 8, 0), "metaDataLength",
                   (json_int_t)(m->body - m->offset), "bodyLength", (json_int_t)m->body_size, "compression",
                   compression(m, batch));
}

static bool add_records(struct inspection *p, const struct arrow_message *m) {
  int64_t length = fb_number(&m->header, BATCH_LENGTH, 8, 0);
  p->rows += length > 0 && p->rows <= INT64_MAX - length ? length : 0;
  p->n_batches++;
  p->body_bytes += m->body_size;
  return p->n_batches > LISTED_MAX || json_array_append_new(p->batches, message_object(m, &m->header)) == 0;
}

static bool add_dictionary(struct inspection *p, const struct arrow_message *m) {
  struct fb_table data;
  p->n_dictionaries++;
  p->body_bytes += m->body_size;
  if (p->n_dictionaries > LISTED_MAX || !fb_sub(&m->header, DICTIONARY_DATA, &data))
    return true;
  json_t *object = json_pack("{s:I, s:b}", "id", (json_int_t)fb_number(&m->header, DICTIONARY_ID, 8, 0), "isDelta",
                             fb_number(&m->header, DICTIONARY_DELTA, 1, 0) != 0);
  json_t *more = message_object(m, &data);
  bool ok = object && more && json_object_update(object, more) == 0;
  json_decref(more);
  if (ok)
    return json_array_append_new(p->dictionaries, object) == 0;
  json_decref(object);
  return false;
}

static int add_message(struct inspection *p, const struct arrow_message *m) {
  bool ok = m->kind == ARROW_RECORDS ? add_records(p, m) : m->kind == ARROW_DICTIONARY ? add_dictionary(p, m) : true;
  if (!ok)
    return no_memory(p);
  if (p->format->host->cancelled(p->format->host))
    return sluice_fail(p->err, SLUICE_ERR_CANCELLED, p->source.part, "cancelled");
  return SLUICE_OK;
}

/* What is damaged ends the walk, and is part of what is told; a source that fails ends the inspection. */
static int judge(struct inspection *p, int rc, const struct sluice_error *why) {
  if (rc == SLUICE_ERR_DATA || rc == SLUICE_ERR_UNSUPPORTED) {
    snprintf(p->ended, sizeof p->ended, "%s", why->message);
    return SLUICE_END;
  }
  return rc < 0 ? arrow_pass(p->err, rc, why) : rc;
}

static int walk_blocks(struct inspection *p, const struct arrow_block *blocks, int64_t n) {
  int rc = SLUICE_OK;
  for (int64_t i = 0; rc == SLUICE_OK && i < n; i++) {
    struct arrow_message m;
    struct sluice_error why = {0};
    if (i >= WALKED_MAX) {
      p->all = false;
      return SLUICE_OK;
    }
    rc = judge(p, arrow_message_read_block(&p->source, blocks[i].offset, blocks[i].head, blocks[i].body, &m, &why),
               &why);
    if (rc)
      break;
    rc = add_message(p, &m);
    arrow_message_finish(&m);
  }
  return rc;
}

static int walk_stream(struct inspection *p) {
  int64_t offset = p->file.first;
  int rc = SLUICE_OK;
  for (int64_t i = 0; rc == SLUICE_OK; i++) {
    struct arrow_message m;
    struct sluice_error why = {0};
    if (i >= WALKED_MAX) {
      p->all = false;
      return SLUICE_OK;
    }
    rc = judge(p, arrow_message_read(&p->source, offset, &m, &why), &why);
    if (rc)
      break;
    offset = m.next;
    rc = add_message(p, &m);
    arrow_message_finish(&m);
  }
  return rc;
}

static int walk(struct inspection *p) {
  p->all = true;
  int rc = SLUICE_OK;
  if (p->file.indexed) {
    rc = walk_blocks(p, p->file.dictionaries, p->file.n_dictionaries);
    if (rc == SLUICE_OK)
      rc = walk_blocks(p, p->file.batches, p->file.n_batches);
  } else {
    rc = walk_stream(p);
  }
  p->all &= !p->ended[0];
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

/* ---- the object ---- */

static json_t *field_object(const struct ArrowSchema *field) {
  struct sluice_buffer type = {.limit = TYPE_MAX};
  bool whole = arrow_describe(field, &type) == SLUICE_OK;
  json_t *name = text(field->name, strlen(field->name)), *words = text((const char *)type.data, type.size);
  json_t *object =
      json_pack("{s:o, s:o, s:b}", "name", name, "type", words, "nullable", (field->flags & ARROW_FLAG_NULLABLE) != 0);
  if (!whole && object && !set(object, "type", json_string("(too long to be shown)"))) {
    json_decref(object);
    object = NULL;
  }
  sluice_buffer_free(&type);
  return object;
}

static json_t *fields_list(const struct ArrowSchema *schema) {
  json_t *list = json_array();
  for (int64_t i = 0; list && i < schema->n_children; i++)
    if (json_array_append_new(list, field_object(schema->children[i])) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

/* field: NULL for the schema's own. */
static bool add_metadata(json_t *list, const char *field, const char *metadata) {
  int32_t n = 0;
  if (metadata)
    memcpy(&n, metadata, sizeof n);
  const char *at = metadata ? metadata + sizeof n : NULL;
  for (int32_t i = 0; i < n; i++) {
    struct arrow_pair pair = arrow_metadata_next(&at);
    json_t *object = json_object();
    bool ok = object && (!field || set(object, "field", text(field, strlen(field)))) &&
              set(object, "key", text(pair.key, (size_t)pair.key_size)) &&
              set(object, "value", text(pair.value, (size_t)pair.value_size));
    if (!ok)
      json_decref(object);
    if (!ok || json_array_append_new(list, object) != 0)
      return false;
  }
  return true;
}

static bool set_metadata(const struct inspection *p, json_t *root) {
  const struct ArrowSchema *schema = &p->file.fields.schema;
  json_t *own = json_array(), *fields = json_array();
  bool ok = own && fields && add_metadata(own, NULL, schema->metadata);
  for (int64_t i = 0; ok && i < schema->n_children; i++)
    ok = add_metadata(fields, schema->children[i]->name, schema->children[i]->metadata);
  bool set_own = set(root, "custom_metadata", own), set_fields = set(root, "field_metadata", fields);
  return ok && set_own && set_fields;
}

static json_t *make_object(struct inspection *p) {
  const struct arrow_file *f = &p->file;
  const char *form = f->indexed  ? "IPC file"
                     : f->broken ? "IPC file with a broken footer, read as a stream"
                                 : "IPC stream";
  json_t *root = json_object();
  bool ok = root && set(root, "kind", json_string(form)) &&
            set(root, "version", json_string(f->version >= ARROW_V5 ? "V5" : "V4")) &&
            set(root, "endianness", json_string(f->fields.big_endian ? "Big" : "Little")) &&
            (!p->all || set(root, "rows", json_integer(p->rows))) && set(root, "batches", json_integer(p->n_batches)) &&
            set(root, "dictionary_batches", json_integer(p->n_dictionaries)) &&
            set(root, "body_bytes", json_integer(p->body_bytes)) &&
            (!p->ended[0] || set(root, "damage", text(p->ended, strlen(p->ended)))) &&
            set(root, "schema", fields_list(&f->fields.schema)) &&
            json_object_set(root, "recordBatches", p->batches) == 0 &&
            json_object_set(root, "dictionaries", p->dictionaries) == 0 && set_metadata(p, root);
  if (!ok) {
    json_decref(root);
    root = NULL;
  }
  return root;
}

static int write_object(struct inspection *p, struct sluice_text_out *out) {
  json_t *root = make_object(p);
  char *json = root ? json_dumps(root, JSON_COMPACT) : NULL;
  int rc = json ? out->put(out, json, strlen(json), p->err) : no_memory(p);
  json_decref(root);
  free(json);
  return rc;
}

static int arrow_inspect(void *self, struct sluice_input *in, const char *name, struct sluice_text_out *out,
                         struct sluice_error *err) {
  struct inspection p = {.source = {in, name ? name : ""}, .format = self, .err = err};
  int rc = arrow_file_open(&p.source, p.format->host, &p.file, err);
  p.batches = json_array();
  p.dictionaries = json_array();
  if (rc == SLUICE_OK && (!p.batches || !p.dictionaries))
    rc = no_memory(&p);
  if (rc == SLUICE_OK)
    rc = walk(&p);
  if (rc == SLUICE_OK)
    rc = write_object(&p, out);
  json_decref(p.batches);
  json_decref(p.dictionaries);
  arrow_file_finish(&p.file);
  return rc;
}

const void *arrow_extension(const char *id) {
  static const struct sluice_inspect inspect = {.struct_size = sizeof inspect, .inspect = arrow_inspect};
  return strcmp(id, SLUICE_INSPECT) == 0 ? &inspect : NULL;
}
