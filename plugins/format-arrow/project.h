/* Which fields of a file go out, in which order. */
#ifndef ARROW_PROJECT_H
#define ARROW_PROJECT_H
#include "fields.h"

struct arrow_project {
  struct ArrowSchema schema; /* of what goes out */
  int64_t count, *sources;   /* the column of the file behind each that goes out; -1: there is none, all are null */
  bool dictionaries;         /* some wanted field has one */
};
/* Marks the wanted fields. */
int arrow_project_init(struct arrow_project *project, const struct arrow_source *source, struct arrow_fields *fields,
                       const struct sluice_scan *scan, struct sluice_error *err);
void arrow_project_finish(struct arrow_project *project);

#endif
