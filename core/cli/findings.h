/* What `check` says: a line for people, or a JSON object, for each thing that was looked at. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H
#include "core/cli/report.h"
#include "core/load/registry.h"
#include <sluice/services.h>

enum finding_state { FINDING_UNKNOWN = -1, FINDING_BAD, FINDING_GOOD };

struct finding_place { /* where in the configuration it was found */
  const char *job;
  const char *kind; /* "source" */
  const char *name; /* of a sink; NULL: it has none */
  const char *type; /* "s3" */
};
/* `right` names a thing, such as "s3:ListBucket"; NULL: the text is of the whole. Secrets are masked. */
void finding_print(bool json, const struct finding_place *, int state, const char *right, const char *text);

struct findings { /* of one component, while its check runs */
  struct sluice_findings out;
  const struct stop *stop;
  const struct finding_place *place;
  bool json;
  size_t count, bad;
};
/* The code of the check. Where it is none and something was bad all the same: DATA. */
int findings_report(struct findings *, const struct sluice_check *, void *self, struct sluice_error *err);

#endif
