/* The keys of a bucket in byte order, kept between requests and made anew when a folder changes. */
#ifndef S3D_LISTING_H
#define S3D_LISTING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_SIZE = 1025 };             /* a key has at most 1024 bytes, as in S3 */
#define LISTING_TEMPORARY ".s3d-put-" /* names that start so are uploads under way, never listed */

struct listings; /* [any thread] */
struct listing;

struct listings *listings_create(int root, bool never_again);
void listings_destroy(struct listings *l);

/* NULL with errno when the bucket cannot be read. Release what you get. */
struct listing *listings_get(struct listings *l, const char *bucket);
struct listing *listing_synthetic(uint64_t count);
void listing_release(struct listing *l);

size_t listing_count(const struct listing *l);
/* The text lives as long as the listing or, for synthetic keys, as `place`. */
const char *listing_key(const struct listing *l, size_t i, char place[KEY_SIZE]);
size_t listing_lower(const struct listing *l, const char *key);              /* the first key >= key */
size_t listing_after(const struct listing *l, const char *prefix, size_t n); /* the first key past all with prefix */
uint64_t listings_scans(struct listings *l);
#endif
