/* Signed PUT requests to an S3 server. */
#ifndef S3PUT_CLIENT_H
#define S3PUT_CLIENT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client; /* one connection, kept; [instance] */

struct client_options {
  const char *endpoint, *region, *access_key, *secret_key, *token; /* token may be NULL */
};

/* false: `message` says why. */
bool client_create(const struct client_options *o, struct client **out, char *message, size_t size);
void client_destroy(struct client *c);

/* PUTs the file, or nothing where `path` is NULL, at /BUCKET/KEY; key "" is the bucket itself. */
bool client_put(struct client *c, const char *bucket, const char *key, const char *path, char *message, size_t size);
/* Sets the tags of the bucket from an XML document. */
bool client_put_tags(struct client *c, const char *bucket, const char *xml, char *message, size_t size);
#endif
