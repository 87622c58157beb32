/* A bucket of generated CSV objects: any number and size, always the same bytes, no file behind them. */
#ifndef S3D_SYNTHETIC_H
#define S3D_SYNTHETIC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYNTHETIC_BUCKET "synthetic"
enum { SYNTHETIC_LEAST = 128, SYNTHETIC_MOST_KEYS = 100000000 };

void synthetic_key(uint64_t index, char *key, size_t size);
bool synthetic_find(const char *key, uint64_t count, uint64_t *index);
void synthetic_read(uint64_t index, uint64_t object_size, uint64_t offset, char *to, size_t n);
#endif
