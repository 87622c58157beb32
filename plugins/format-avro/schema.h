/* An Avro schema as a graph of types, read from its JSON. */
#ifndef AVRO_SCHEMA_H
#define AVRO_SCHEMA_H
#include "avro.h"
#include <jansson.h>

enum avro_kind {
  AVRO_NULL,
  AVRO_BOOLEAN,
  AVRO_INT,
  AVRO_LONG,
  AVRO_FLOAT,
  AVRO_DOUBLE,
  AVRO_BYTES,
  AVRO_STRING,
  AVRO_RECORD,
  AVRO_ENUM,
  AVRO_ARRAY,
  AVRO_MAP,
  AVRO_UNION,
  AVRO_FIXED
};
enum avro_logical {
  AVRO_PLAIN,
  AVRO_DECIMAL,
  AVRO_BIG_DECIMAL,
  AVRO_UUID,
  AVRO_DATE,
  AVRO_TIME_MILLIS,
  AVRO_TIME_MICROS,
  AVRO_TIMESTAMP_MILLIS,
  AVRO_TIMESTAMP_MICROS,
  AVRO_TIMESTAMP_NANOS,
  AVRO_LOCAL_MILLIS,
  AVRO_LOCAL_MICROS,
  AVRO_LOCAL_NANOS,
  AVRO_DURATION
};

struct avro_type;
struct avro_field {
  const char *name;
  const json_t *aliases, *fallback; /* fallback: the default value; either may be NULL */
  const struct avro_type *type;
};
struct avro_type { /* texts belong to the schema's document, but `name` */
  enum avro_kind kind;
  enum avro_logical logical;
  int32_t precision, scale;       /* of a decimal */
  int64_t size;                   /* of a fixed */
  char *name;                     /* full name; NULL: has none */
  const json_t *aliases;          /* NULL: none */
  uint32_t count;                 /* fields, branches or symbols; 1 of an array or map */
  struct avro_field *fields;      /* RECORD */
  const struct avro_type **types; /* branches; the items of an array, the values of a map */
  const char **symbols;           /* ENUM */
  int32_t fallback;               /* the ENUM's default symbol; -1: none */
  int64_t least;                  /* bytes that a value takes at least; set by avro_schema_measure */
  bool measured;
  void *node; /* of this type read as itself; of avro_resolve */
};
struct avro_schema {
  json_t *document;
  struct avro_type **types; /* all of them, for their release */
  size_t count, capacity;
  const struct avro_type *root;
};

/* `what` names the schema in messages: "the file's schema", "reader_schema". */
int avro_schema_parse(const void *text, size_t size, const char *what, const char *where, int code,
                      struct avro_schema **out, struct sluice_error *err);
void avro_schema_destroy(struct avro_schema *schema); /* takes NULL */

/* Reads the annotation of a type; an invalid one is ignored, as the specification wants it ("Logical Types"). */
void avro_logical_read(const json_t *object, struct avro_type *type);
/* "int", "record test.Weather", "timestamp-micros": for people. */
void avro_type_describe(const struct avro_type *type, char *out, size_t size);
const char *avro_kind_name(enum avro_kind kind);
/* The annotation's name; NULL: plain. */
const char *avro_logical_name(enum avro_logical logical);
/* The part of a full name behind its last dot. */
const char *avro_short_name(const char *name);

#endif
