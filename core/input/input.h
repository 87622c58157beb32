/* What the host puts between a source and a format: decompression, inputs over memory, counting. */
#ifndef SLUICE_CORE_INPUT_H
#define SLUICE_CORE_INPUT_H
#include <sluice/sdk.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Undoes the compression that the first bytes show; anything else passes through. gzip: all members, zero padding
 * behind them; zstd: all frames, skippable ones too, windows up to 128 MiB; bzip2 and xz: all streams, dictionaries up
 * to about 190 MiB; lz4: all frames, skippable ones too; framed snappy: all streams; zip: one member, stored or
 * deflated, else UNSUPPORTED. Takes *in on OK. `part` names it in errors, and is copied. The output then has size -1,
 * reads forward only and keeps its first 1 MiB until more than that was read. Damaged or cut data is DATA, with the
 * compressed offset in err->offset. Memory: 128 KiB, the first 1 MiB, and what the codec needs: its window, at most 192
 * MiB. */
int input_decompress(struct sluice_input *in, const char *part, struct sluice_input *out, struct sluice_error *err);

/* Is it the suffix of a compression that input_decompress undoes, such as ".gz"? In either case. */
bool input_is_packed(const char *suffix, size_t n);
/* How much of a name stands before such a suffix; all of it without one. */
size_t input_plain_size(const char *name);

/* An input over n bytes, which must live until its release and that of its views. */
int input_memory(const void *bytes, size_t n, struct sluice_input *out, struct sluice_error *err);
/* The same over a malloc'ed block, taken on OK and freed after the last release of the input and its views. */
int input_memory_own(void *block, size_t n, struct sluice_input *out, struct sluice_error *err);

/* Adds the bytes that are reached through `out`, each once, to *counter, which must outlive it. Takes *in on OK. */
int input_count(struct sluice_input *in, atomic_llong *counter, struct sluice_input *out, struct sluice_error *err);

#endif
