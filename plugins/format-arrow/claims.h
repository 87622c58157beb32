/* What a file may claim in few bytes: memory that its buffers become, and rows that no byte stands for. */
#ifndef ARROW_CLAIMS_H
#define ARROW_CLAIMS_H
#include "buffer.h"

/* Counts n more bytes that are made of the batch by decompression; DATA: that is more than may be. */
int arrow_claim_made(struct arrow_loading *l, int64_t n);
/* Counts n more bytes of a buffer that has to be moved or swapped; DATA: they overlap to be so many. */
int arrow_claim_moved(struct arrow_loading *l, int64_t n);
/* DATA: the dictionaries that are kept are larger than the file, for several are in the same bytes. */
int arrow_claim_kept(const struct arrow_loader *loader, const struct arrow_batch *batch, struct sluice_error *err);
/* Counts the rows, and the values within them, that the bytes of a batch cannot stand for; DATA: too many. */
int arrow_claim_rows(struct arrow_loader *loader, const struct arrow_batch *batch, struct sluice_error *err);

#endif
