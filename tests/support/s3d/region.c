/* The ways in which S3 says that a bucket is in another region. */
#include "region.h"
#include "request.h"

#include <stdio.h>
#include <string.h>

/* A HEAD has no body, so that it always names the region in its header. */
static const struct form {
  const char *name, *code;
  bool header, region, endpoint, location; /* how it is told: header, elements of the body, Location */
  unsigned head_status;                    /* 0: as others */
} forms[] = {
    {"400", "AuthorizationHeaderMalformed", true, true, false, false, 0},
    {"400-body", "AuthorizationHeaderMalformed", false, true, false, false, 0},
    {"301", "PermanentRedirect", true, false, true, false, 0},
    {"301-body", "PermanentRedirect", false, false, true, false, 0},
    {"307", "TemporaryRedirect", true, false, true, true, 0},
    {"307-location", "TemporaryRedirect", false, false, true, true, 0},
    {"illegal", "IllegalLocationConstraintException", false, false, false, false, 400},
    {"head-403", "PermanentRedirect", false, false, false, false, 403},
};

static const struct form *find(const char *name) {
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
    if (strcmp(forms[i].name, name) == 0)
      return &forms[i];
  return NULL;
}

bool region_form_is_known(const char *name) {
  return find(name) != NULL;
}

void region_refuse(struct request *r, const char *name, const char *region, const char *message) {
  const struct form *form = find(name) ? find(name) : &forms[0];
  char endpoint[BUCKET_SIZE + 128], location[ANSWER_VALUE];
  struct error_field fields[2] = {{"Region", region}, {"Endpoint", endpoint}};
  snprintf(endpoint, sizeof endpoint, "%s.s3.%s.amazonaws.com", r->bucket, region);
  size_t first = form->region ? 0 : 1, count = (size_t)form->region + (size_t)form->endpoint;
  answer_error_with(r, form->code, form == &forms[0] || form == &forms[1] ? message : NULL, fields + first, count);
  if (r->head && form->head_status)
    r->answer.status = form->head_status;
  if (form->header || r->head)
    answer_header(&r->answer, "x-amz-bucket-region", region);
  int n = snprintf(location, sizeof location, "https://%s%s", endpoint, r->target);
  if (form->location && n > 0 && (size_t)n < sizeof location)
    answer_header(&r->answer, "Location", location);
}
