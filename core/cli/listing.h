/* The lines of `ls`: as `aws s3 ls` prints them, as JSON, as CSV. */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H
#include "core/cli/level.h"
#include <stdio.h>

enum listing_form {
  LISTING_TEXT,
  LISTING_HUMAN,
  LISTING_JSON,
  LISTING_CSV
}; /* HUMAN: text with sizes such as 7.8 KiB */

void listing_print_head(FILE *, enum listing_form);
void listing_print(FILE *, enum listing_form, const struct level_entry *);

enum { LISTING_SIZE_TEXT = 32 };
/* "1 Byte", "512 Bytes", "7.8 KiB": as aws s3 ls --human-readable. */
void listing_human_size(int64_t bytes, char out[LISTING_SIZE_TEXT]);

#endif
