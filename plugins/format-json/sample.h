/* Reads the sample, and finds types from it. */
#ifndef JSON_SAMPLE_H
#define JSON_SAMPLE_H
#include "guess.h"
#include "reader.h"

/* From the records that begin where the window is, of which none is consumed. *guess is to be destroyed, also where
 * this fails. */
int json_sample_read(struct json_reader *r, const struct sluice_scan *scan, struct json_guess **guess,
                     struct sluice_error *err);

#endif
