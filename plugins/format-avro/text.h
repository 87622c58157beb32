/* Appending JSON to the value of a column that is at work. */
#ifndef AVRO_TEXT_H
#define AVRO_TEXT_H
#include "varint.h"

struct avro_text { /* failed: the run is broken */
  struct avro_run *run;
  struct avro_column *column;
  bool failed;
};

void avro_text_put(struct avro_text *t, const char *bytes, size_t n);
static inline void avro_text_add(struct avro_text *t, const char *text) {
  avro_text_put(t, text, strlen(text));
}
/* In quotes, with what JSON wants escaped; what is not UTF-8 is a fault of the record. */
void avro_text_quote(struct avro_text *t, const void *bytes, size_t n);
void avro_text_base64(struct avro_text *t, const uint8_t *bytes, size_t n);

/* A number, date, time or timestamp as the annotation says. */
void avro_text_long(struct avro_text *t, const struct avro_type *type, int64_t value);
void avro_text_double(struct avro_text *t, double value);
void avro_text_float(struct avro_text *t, float value);
/* Bytes, fixed values and texts of the writer, as the reader's annotation says. */
void avro_text_bytes(struct avro_text *t, const struct avro_type *writer, const struct avro_type *reader,
                     const uint8_t *bytes, size_t n);

#endif
