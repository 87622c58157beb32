/* A text that every record has: one array, made once, of which each batch takes a slice. */
#ifndef MODEL_CONSTANT_H
#define MODEL_CONSTANT_H
#include <pthread.h>
#include <sluice/arrow.h>

struct constant {
  const char *text;
  pthread_mutex_t lock;
  struct ArrowArray made; /* shared; as long as the longest batch so far */
};
void constant_init(struct constant *, const char *text);
void constant_finish(struct constant *);
/* n rows of it. [any] MEMORY only. */
int constant_slice(struct constant *, int64_t n, struct ArrowArray *out);

#endif
