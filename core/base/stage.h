/* Where the time of a run's threads goes: each is in one stage at a time. */
#ifndef BASE_STAGE_H
#define BASE_STAGE_H
#include <stdatomic.h>

enum stage { STAGE_NONE, STAGE_LIST, STAGE_READ, STAGE_DECODE, STAGE_MAP, STAGE_DELIVER, STAGES };
struct stages { /* zeroed */
  atomic_llong us[STAGES];
};
/* What this thread does from now on counts there, from STAGE_NONE on; NULL: nowhere, and it does not cost anything. */
void stages_begin(struct stages *);
/* Gives the stage that ends by this, to go back to. */
enum stage stage_enter(enum stage);
const char *stage_name(enum stage); /* "read" */

#endif
