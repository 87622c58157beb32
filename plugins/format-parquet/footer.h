/* The metadata of a file: its schema, and where its row groups are described. */
#ifndef PQ_FOOTER_H
#define PQ_FOOTER_H
#include "thrift.h"

enum pq_logical { /* the ids of the LogicalType union */
                  PQ_NONE = 0,
                  PQ_STRING = 1,
                  PQ_MAP,
                  PQ_LIST,
                  PQ_ENUM,
                  PQ_DECIMAL,
                  PQ_DATE,
                  PQ_TIME,
                  PQ_TIMESTAMP,
                  PQ_INTERVAL, /* reserved there, and a converted type only */
                  PQ_INTEGER,
                  PQ_UNKNOWN,
                  PQ_JSON,
                  PQ_BSON,
                  PQ_UUID,
                  PQ_FLOAT16,
                  PQ_VARIANT,
                  PQ_GEOMETRY,
                  PQ_GEOGRAPHY,
                  PQ_FILE,
                  PQ_MAP_KEY_VALUE /* a converted type only */
};

struct pq_element { /* of the schema, in depth-first order */
  struct pq_slice name, crs;
  int32_t type, type_length, repetition, n_children, scale, precision, field_id;
  enum pq_logical logical;
  int32_t unit, bits; /* TIME, TIMESTAMP: enum sluice_time_unit; INTEGER: its width */
  bool utc, is_signed, has_field_id;
  bool annotated;    /* something was said of what its values mean, be it known here or not */
  int32_t algorithm; /* GEOGRAPHY: -1 not given */
  int32_t next;      /* index behind its subtree */
  int32_t leaf;      /* ordinal of its first leaf: of itself, if it is one */
};
enum pq_order { PQ_ORDER_NONE, PQ_ORDER_TYPE, PQ_ORDER_IEEE754 }; /* of bounds in statistics, as ColumnOrder has it */
struct pq_group {                                                 /* a row group */
  const uint8_t *at;                                              /* its metadata, in the footer */
  int64_t rows, first_row;                                        /* first_row: its ordinal in the file */
  int64_t bytes;                                                  /* uncompressed, as it says */
};
struct pq_footer {
  uint8_t *bytes;
  size_t size;
  int64_t at; /* of the footer in the file: data end here */
  struct pq_element *elements;
  int32_t n_elements, n_leaves;
  struct pq_group *groups;
  uint8_t *orders; /* enum pq_order of the leaves; NULL: not told */
  int32_t n_orders;
  int32_t n_groups;
  int64_t rows, version;
  struct pq_slice created_by, arrow_schema, pairs; /* pairs: the key-value list as it stands */
  uint32_t n_pairs;
  bool encrypted; /* some columns are */
};

/* Reads the footer in one or two requests. */
int pq_footer_read(struct sluice_input *in, const char *part, struct pq_footer *out, struct sluice_error *err);
void pq_footer_finish(struct pq_footer *f);
/* One key-value pair; its type is that of a list's item. */
void pq_read_pair(struct pq_thrift *t, uint8_t type, struct pq_slice *key, struct pq_slice *value);

#endif
