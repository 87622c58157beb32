/* Memory for answers, kept from one to the next: the kernel clears each page that is new to a process, which costs as
 * much as receiving it. Shared by reference, for a view may outlive its source. All [any]. */
#ifndef S3_BUFFERS_H
#define S3_BUFFERS_H
#include <stddef.h>
#include <stdint.h>

struct buffers;
/* size: of those that are kept, at most `most` of them (and never more than a few). NULL: no memory. */
struct buffers *buffers_create(size_t size, size_t most);
/* The rest takes NULL as one that keeps none. */
struct buffers *buffers_ref(struct buffers *);
void buffers_unref(struct buffers *);
uint8_t *buffers_take(struct buffers *, size_t n);            /* NULL: no memory */
void buffers_give(struct buffers *, uint8_t *data, size_t n); /* what was taken; takes NULL */

#endif
