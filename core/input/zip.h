/* The directory of a zip archive. Private to core/input. */
#ifndef SLUICE_CORE_INPUT_ZIP_H
#define SLUICE_CORE_INPUT_ZIP_H
#include <sluice/sdk.h>
#include <stdbool.h>

enum { ZIP_STORED = 0, ZIP_DEFLATE = 8, ZIP_NAME_MAX = 200 };

struct zip_member {
  char name[ZIP_NAME_MAX + 1]; /* fit for a message: without control characters, maybe cut */
  unsigned method, flags;
  uint32_t crc;
  int64_t packed_size, size;
  int64_t header; /* where its local header is */
  int64_t data;   /* where its content is */
};

/* Finds the one member that the archive has, folders and what macOS adds (__MACOSX/) aside. UNSUPPORTED: several
 * members, encryption, or another method than the two above; DATA: damage, with its offset. */
int zip_find_member(struct sluice_input *in, const char *part, struct zip_member *out, struct sluice_error *err);

#endif
