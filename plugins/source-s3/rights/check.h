/* Tries what a source needs, a finding at a time: who answers, tag, listing, reading. */
#ifndef S3_RIGHTS_CHECK_H
#define S3_RIGHTS_CHECK_H
#include "list/lister.h"
#include "request/engine.h"
#include <sluice/services.h>

/* Returns the code of the first bad finding. */
int check_report(struct client *client, struct engine *engine, struct sluice_findings *findings,
                 struct sluice_error *err);

#endif
