/* Records of the journal: written to and read from memory. Numbers are as this machine has them; another kind of
 * machine sees a wrong magic number and refuses. */
#include "journal.h"
#include <stdlib.h>
#include <zlib.h>

struct record {
  uint32_t magic, sum;  /* sum: of all that follows it */
  uint32_t size, count; /* size: of the whole record */
  int64_t length;
  uint32_t tail_size, tail_sum;
};
struct entry {
  struct sluice_position end;
  uint32_t delivery_size, unit_size, forget, zero;
};
enum { MAGIC = 0x4a524c53, SUMMED_FROM = 8, HEAD_SIZE = sizeof JOURNAL_HEAD - 1 };

uint32_t journal_sum(const void *bytes, size_t n) {
  return (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, n);
}

static int put_change(struct sluice_buffer *out, const struct journal_change *change) {
  size_t delivery = strlen(change->delivery), unit = strlen(change->unit);
  if (delivery > JOURNAL_MAX || unit > JOURNAL_MAX)
    return SLUICE_ERR_MEMORY;
  struct entry entry = {change->end, (uint32_t)delivery, (uint32_t)unit, change->forget, 0};
  int rc = sluice_buffer_append(out, &entry, sizeof entry);
  if (rc == SLUICE_OK)
    rc = sluice_buffer_append(out, change->delivery, delivery);
  if (rc == SLUICE_OK)
    rc = sluice_buffer_append(out, change->unit, unit);
  return rc;
}

int journal_put(struct sluice_buffer *out, const struct journal_state *state, const struct journal_change *changes,
                size_t n) {
  struct record record = {MAGIC, 0, 0, (uint32_t)n, state->length, state->tail_size, state->tail_sum};
  size_t start = out->size;
  int rc = sluice_buffer_append(out, &record, sizeof record);
  for (size_t i = 0; i < n && rc == SLUICE_OK; i++)
    rc = put_change(out, changes + i);
  if (rc == SLUICE_OK && out->size - start > JOURNAL_MAX)
    rc = SLUICE_ERR_MEMORY;
  if (rc != SLUICE_OK)
    return rc;
  record.size = (uint32_t)(out->size - start);
  memcpy(out->data + start, &record, sizeof record);
  record.sum = journal_sum(out->data + start + SUMMED_FROM, record.size - SUMMED_FROM);
  memcpy(out->data + start, &record, sizeof record);
  return SLUICE_OK;
}

/* Is there a whole record at the start of these bytes? */
static bool is_sound(const uint8_t *bytes, size_t n, struct record *record) {
  if (n < sizeof *record)
    return false;
  memcpy(record, bytes, sizeof *record);
  if (record->magic != MAGIC || record->size < sizeof *record || record->size > n || record->length < 0)
    return false;
  return journal_sum(bytes + SUMMED_FROM, record->size - SUMMED_FROM) == record->sum;
}

static char *copy_text(const uint8_t *bytes, size_t n) {
  char *text = malloc(n + 1);
  if (!text)
    return NULL;
  memcpy(text, bytes, n);
  text[n] = 0;
  return text;
}

static int apply(struct marks *marks, const struct entry *entry, const uint8_t *texts) {
  char *delivery = copy_text(texts, entry->delivery_size);
  char *unit = copy_text(texts + entry->delivery_size, entry->unit_size);
  struct mark *mark = NULL;
  int rc = delivery && unit ? SLUICE_OK : SLUICE_ERR_MEMORY;
  if (rc == SLUICE_OK && entry->forget) {
    marks_drop(marks, delivery, unit);
  } else if (rc == SLUICE_OK) {
    mark = marks_place(marks, delivery, unit);
    if (!mark)
      rc = SLUICE_ERR_MEMORY;
  }
  if (mark) {
    mark->end = entry->end;
    mark->set = true;
  }
  free(delivery);
  free(unit);
  return rc;
}

static int apply_record(const uint8_t *bytes, const struct record *record, struct marks *marks) {
  size_t at = sizeof *record;
  for (uint32_t i = 0; i < record->count; i++) {
    struct entry entry;
    if (record->size - at < sizeof entry)
      return SLUICE_ERR_DATA;
    memcpy(&entry, bytes + at, sizeof entry);
    at += sizeof entry;
    size_t texts = (size_t)entry.delivery_size + entry.unit_size;
    if (texts > record->size - at)
      return SLUICE_ERR_DATA;
    int rc = apply(marks, &entry, bytes + at);
    if (rc != SLUICE_OK)
      return rc;
    at += texts;
  }
  return at == record->size ? SLUICE_OK : SLUICE_ERR_DATA;
}

/* A sound record behind an unsound one: then that one was not torn by a crash. */
static bool any_sound(const uint8_t *bytes, size_t n) {
  struct record record;
  for (size_t i = 0; i < n; i++)
    if (is_sound(bytes + i, n - i, &record))
      return true;
  return false;
}

int journal_parse(const uint8_t *bytes, size_t n, struct journal_state *state, struct marks *marks, size_t *good,
                  const char **wrong) {
  struct record record;
  *wrong = "it does not start as a journal of Sluice does on this kind of machine";
  if (n < HEAD_SIZE || memcmp(bytes, JOURNAL_HEAD, HEAD_SIZE) != 0)
    return SLUICE_ERR_DATA;
  size_t at = HEAD_SIZE;
  for (; is_sound(bytes + at, n - at, &record); at += record.size) {
    *wrong = "a record contradicts itself";
    if (record.length < state->length)
      return SLUICE_ERR_DATA;
    int rc = apply_record(bytes + at, &record, marks);
    if (rc != SLUICE_OK)
      return rc;
    *state = (struct journal_state){record.length, record.tail_size, record.tail_sum};
  }
  *wrong = "it has no record";
  if (at == HEAD_SIZE)
    return SLUICE_ERR_DATA;
  *wrong = "a record in its middle is damaged";
  if (any_sound(bytes + at, n - at))
    return SLUICE_ERR_DATA;
  *good = at;
  return SLUICE_OK;
}
