/* Framing and the Message table. */
#include "message.h"

enum { SLOT_VERSION, SLOT_KIND, SLOT_HEADER, SLOT_BODY };

void arrow_message_finish(struct arrow_message *m) {
  arrow_bytes_release(&m->bytes);
  memset(m, 0, sizeof *m);
}

int arrow_message_fail(const struct arrow_source *s, const struct arrow_message *m, const char *what,
                       struct sluice_error *err) {
  sluice_fail(err, SLUICE_ERR_DATA, s->part, "the message at byte %lld is damaged: %s", (long long)m->offset,
              m->fb.fault ? m->fb.fault : what);
  if (err)
    err->offset = m->offset;
  return SLUICE_ERR_DATA;
}

int arrow_pass(struct sluice_error *err, int code, const struct sluice_error *why) {
  if (err && !err->message[0])
    *err = *why;
  return code;
}

int arrow_version_check(const struct arrow_source *s, int64_t version, struct sluice_error *err) {
  if (version == ARROW_V4 || version == ARROW_V5)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, s->part,
                     "its metadata is of version V%lld; versions V4 and V5 are read: write it anew with %s",
                     (long long)version + 1, version < ARROW_V4 ? "Arrow 0.8 or later" : "an older format version");
}

static int check_kind(const struct arrow_source *s, const struct arrow_message *m, int64_t kind,
                      struct sluice_error *err) {
  if (kind == ARROW_TENSOR || kind == ARROW_SPARSE_TENSOR)
    return sluice_fail(
        err, SLUICE_ERR_UNSUPPORTED, s->part,
        "the message at byte %lld is a %s, which has no records; only streams of record batches are read",
        (long long)m->offset, kind == ARROW_TENSOR ? "tensor" : "sparse tensor");
  if (kind < ARROW_SCHEMA || kind > ARROW_SPARSE_TENSOR)
    return arrow_message_fail(s, m, "its kind is unknown", err);
  return SLUICE_OK;
}

static int open_message(const struct arrow_source *s, struct arrow_message *m, struct sluice_error *err) {
  fb_init(&m->fb, m->bytes.data, m->bytes.size);
  if (!fb_root(&m->fb, &m->table))
    return arrow_message_fail(s, m, "it has no content", err);
  int64_t version = fb_number(&m->table, SLOT_VERSION, 2, 0), kind = (uint8_t)fb_number(&m->table, SLOT_KIND, 1, 0);
  int64_t body = fb_number(&m->table, SLOT_BODY, 8, 0), size = s->input->size;
  if (m->fb.fault)
    return arrow_message_fail(s, m, "", err);
  int rc = arrow_version_check(s, version, err);
  if (rc == SLUICE_OK)
    rc = check_kind(s, m, kind, err);
  if (rc)
    return rc;
  if (!fb_sub(&m->table, SLOT_HEADER, &m->header))
    return arrow_message_fail(s, m, "it has no content", err);
  if (body < 0 || body > INT64_MAX - m->body)
    return arrow_message_fail(s, m, "the size of its body is out of range", err);
  if (size >= 0 && body > size - m->body)
    return arrow_message_fail(s, m, "its body is longer than the rest of the file", err);
  m->version = (int)version;
  m->kind = (enum arrow_kind)kind;
  m->body_size = body;
  m->next = m->body + body;
  return SLUICE_OK;
}

static int read_head(const struct arrow_source *s, int64_t at, int64_t size, struct arrow_message *m,
                     struct sluice_error *err) {
  if (size < 8 || size > ARROW_MAX_METADATA)
    return arrow_message_fail(s, m, "the size of its head is out of range", err);
  int rc = arrow_bytes_read(s, at, size, &m->bytes, err);
  m->body = at + size;
  if (rc == SLUICE_OK)
    rc = open_message(s, m, err);
  if (rc)
    arrow_message_finish(m);
  return rc;
}

/* The size of the head: four bytes, in newer streams behind four of all ones. END: zero, or nothing at all. */
static int read_prefix(const struct arrow_source *s, int64_t *at, int64_t *size, struct sluice_error *err) {
  uint32_t word = 0;
  for (int i = 0; i < 2; i++) {
    size_t got = 0;
    int rc = arrow_bytes_peek(s, *at, &word, sizeof word, &got, err);
    if (rc)
      return rc;
    if (got == 0 && i == 0)
      return SLUICE_END;
    if (got < sizeof word)
      return sluice_fail(err, SLUICE_ERR_DATA, s->part,
                         "it ends at byte %lld, within the head of a message: it is cut short",
                         (long long)*at + (long long)got);
    *at += (int64_t)sizeof word;
    if (word != UINT32_MAX)
      break;
  }
  *size = (int32_t)word;
  return word == 0 ? SLUICE_END : SLUICE_OK;
}

int arrow_message_read(const struct arrow_source *s, int64_t offset, struct arrow_message *m,
                       struct sluice_error *err) {
  int64_t at = offset, size = 0;
  *m = (struct arrow_message){.offset = offset};
  int rc = read_prefix(s, &at, &size, err);
  m->next = at;
  return rc ? rc : read_head(s, at, size, m, err);
}

int arrow_message_read_block(const struct arrow_source *s, int64_t offset, int64_t head, int64_t body,
                             struct arrow_message *m, struct sluice_error *err) {
  int64_t at = offset, size = 0;
  *m = (struct arrow_message){.offset = offset};
  int rc = read_prefix(s, &at, &size, err);
  if (rc == SLUICE_END)
    return arrow_message_fail(s, m, "the index of the file says that it is there, and it is not", err);
  if (rc == SLUICE_OK)
    rc = read_head(s, at, size, m, err);
  if (rc)
    return rc;
  if (m->body - offset <= head && m->body_size <= body)
    return SLUICE_OK;
  rc = arrow_message_fail(s, m, "it is larger than the index of the file says", err);
  arrow_message_finish(m);
  return rc;
}
