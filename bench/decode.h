/* A benchmark of one reader: a file decoded some times over. */
#ifndef BENCH_DECODE_H
#define BENCH_DECODE_H

/* The main function of a program `FILE TIMES [COLUMN...]` with the plugin's first component, a format, and its config:
 * decodes the file to Arrow batches in memory TIMES over, and prints each time the rows, the seconds of processor time
 * and those by the wall; at last the peak memory in KB. BATCH_ROWS of the environment sets the rows of a batch. */
int bench_decode(int argc, char **argv, const void *config);

#endif
