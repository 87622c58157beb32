/* The versions of an object in a bucket with `versions=true`. A file that a PUT or a DELETE of s3d takes away goes to
 * ROOT/.versions/BUCKET/ENCODED-KEY/NUMBER-ID; a file NUMBER-ID.marker there is a delete marker. */
#ifndef S3D_VERSIONS_H
#define S3D_VERSIONS_H
#include "listing.h"
#include "object.h"

enum { VERSION_ID = 33 };

struct version {
  char *key, id[VERSION_ID];
  uint64_t number; /* rises with the age of the world; UINT64_MAX: the file itself */
  bool marker;
};
struct versions {
  struct version *items;
  size_t count, cap;
};

/* The id of a file, which stays with it when it is moved. */
void version_id_of(const struct object *o, char id[VERSION_ID]);

/* All versions of the keys of a bucket that begin so, by key, the newest first. false: out of memory. */
bool versions_list(int root, struct objects *objects, const char *bucket, const struct listing *names,
                   const char *prefix, struct versions *out);
void versions_finish(struct versions *v);

/* Opens a version that is kept; `version` says what it is. false: there is none. */
bool versions_open(int root, struct objects *objects, const char *bucket, const char *key, const char *id,
                   struct version *version, struct object *out);
/* Is the newest of what is kept a delete marker? Its id. */
bool versions_newest_is_marker(int root, const char *bucket, const char *key, char id[VERSION_ID]);

/* Keeps the file that is there now, if there is one. */
bool versions_keep(int root, struct objects *objects, const char *bucket, const char *key);
bool versions_mark(int root, const char *bucket, const char *key, const char *id);

#endif
