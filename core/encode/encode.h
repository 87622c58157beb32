/* The host service sluice.encode/1: Arrow batches to the bytes of NDJSON and CSV. README.md has the text of each type.
 */
#ifndef SLUICE_CORE_ENCODE_H
#define SLUICE_CORE_ENCODE_H
#include <sluice/arrow.h>
#include <sluice/services.h>

/* Formats: "ndjson" (RFC 8259, a line a record), "json" (the same without line ends), "csv" (RFC 4180, without a header
 * row), "arrow" (an IPC stream a call).
 * Options: nan = "null" or "string": "NaN", "Infinity", "-Infinity"; by default null in JSON, and NaN, inf, -inf in
 * CSV. */
const struct sluice_encode *encode_service(void);

/* Appends the header row that belongs before CSV records of this schema. DATA: a name is not UTF-8. */
int encode_csv_header(const struct ArrowSchema *schema, struct sluice_buffer *out, struct sluice_error *err);

#endif
