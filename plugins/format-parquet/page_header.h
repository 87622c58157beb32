/* The header of a page. */
#ifndef PQ_PAGE_HEADER_H
#define PQ_PAGE_HEADER_H
#include "thrift.h"

enum pq_page_type { PQ_DATA_PAGE, PQ_INDEX_PAGE, PQ_DICTIONARY_PAGE, PQ_DATA_PAGE_V2 };
enum pq_encoding {
  PQ_PLAIN,
  PQ_PLAIN_DICTIONARY = 2,
  PQ_RLE,
  PQ_BIT_PACKED,
  PQ_DELTA_BINARY_PACKED,
  PQ_DELTA_LENGTH_BYTE_ARRAY,
  PQ_DELTA_BYTE_ARRAY,
  PQ_RLE_DICTIONARY,
  PQ_BYTE_STREAM_SPLIT,
  PQ_ALP
};

struct pq_page_header {
  int32_t type;
  int64_t uncompressed, compressed; /* bytes, without this header */
  int64_t values, nulls, rows;      /* nulls, rows: of version 2, else -1 */
  int32_t encoding, def_encoding, rep_encoding;
  int64_t def_bytes, rep_bytes; /* version 2 */
  bool is_compressed, has_crc, has_body;
  uint32_t crc;
  size_t size; /* of the header itself */
};

/* pq_thrift_short: the header goes on behind these bytes. */
pq_fault pq_page_header_read(const uint8_t *bytes, size_t n, struct pq_page_header *out);

#endif
