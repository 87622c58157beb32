/* One object: the file behind a key, its size, time and ETag. */
#ifndef S3D_OBJECT_H
#define S3D_OBJECT_H
#include <stdbool.h>
#include <stdint.h>

enum { ETAG_SIZE = 40, OBJECTS_CHANGED_MOST = 4096 };

struct objects; /* knows the ETags seen and the objects that a fault has changed; [any thread] */

struct object {
  uint64_t size;
  int64_t modified;     /* seconds */
  char etag[ETAG_SIZE]; /* without quotes */
  int fd;               /* -1: synthetic, or a folder marker */
  uint64_t index;       /* of a synthetic object */
  uint64_t identity[3]; /* of the file: device, inode, time in ns */
  bool synthetic;
};

struct objects *objects_create(int root, uint64_t synthetic_count, uint64_t synthetic_size);
void objects_destroy(struct objects *o);

bool objects_has_bucket(const struct objects *o, const char *bucket);
bool objects_is_synthetic(const struct objects *o, const char *bucket);
uint64_t objects_synthetic_count(const struct objects *o);

/* false: there is no such object. The caller closes fd. */
bool objects_open(struct objects *o, const char *bucket, const char *key, struct object *out);
/* The same for a path below the root. */
bool objects_open_path(struct objects *o, const char *path, struct object *out);
void object_close(struct object *object);
/* The same as objects_open without an open file. */
bool objects_look(struct objects *o, const char *bucket, const char *key, struct object *out);
/* From now on the object has another ETag; false when too many have been changed. */
bool objects_change(struct objects *o, const char *bucket, const char *key);

/* A key that can be a path: no empty, `.` or `..` segment. */
bool objects_key_is_path(const char *key);
/* BUCKET/KEY as a path below the root; false when too long or not a path. */
bool objects_path(const char *bucket, const char *key, char *path, unsigned size);
#endif
