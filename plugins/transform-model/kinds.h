/* Kinds of columns: which Arrow types an entry takes. */
#ifndef MODEL_KINDS_H
#define MODEL_KINDS_H
#include "options.h"
#include <sluice/arrow.h>

enum { /* a type can be of several kinds */
       KIND_NULL = 1,
       KIND_TEXT = 2,
       KIND_BOOL = 4,
       KIND_INT = 8,       /* with a sign, 8 to 64 bits */
       KIND_WIDE_INT = 16, /* 32 or 64 */
       KIND_LONG = 32,     /* 64 */
       KIND_FLOAT = 64,    /* 32 or 64 bits */
       KIND_DOUBLE = 128,  /* 64 */
       KIND_TIME = 256,    /* date or timestamp */
       KIND_TEXT_LIST = 512,
       KIND_NUMBER_LIST = 1024,
       KIND_FLOAT_LIST = 2048, /* 32 or 64 bits */
       KIND_SCORES = 4096,     /* list of {class_name text, score number} */
       KIND_BOXES = 8192,      /* list of lists of numbers */
       KIND_AS_TEXT = 16384,   /* of an entry: whole numbers go out as text */
};
#define KIND_NUMBER (KIND_INT | KIND_FLOAT | KIND_NULL)
#define KIND_SCALAR (KIND_TEXT | KIND_BOOL | KIND_INT | KIND_FLOAT | KIND_NULL)

unsigned kinds_of(const struct ArrowSchema *plain);
unsigned kinds_of_entry(enum entry entry, enum model_type type);
/* "string, int8 to int64": the kinds for people, in the words of types. */
const char *kinds_text(unsigned kinds, char *out, size_t size);
/* "list<item: utf8>": a type for people, one level deep. */
const char *kinds_type_text(const struct ArrowSchema *schema, char *out, size_t size);

#endif
