/* An open object as the contract's input. */
#ifndef S3_INPUT_H
#define S3_INPUT_H
#include "request/engine.h"

/* Starts to fetch at once. Waits for the answer only where the part's size or version is not known. name: of the part.
 */
int input_open(struct access *access, struct engines *engines, const struct sluice_part *part,
               struct sluice_part *opened, struct sluice_input *out, struct sluice_error *err);

#endif
