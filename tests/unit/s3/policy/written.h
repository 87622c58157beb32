/* A policy as the writer gives it, for tests. */
#ifndef S3_POLICY_WRITTEN_H
#define S3_POLICY_WRITTEN_H
#include "../check.h"
#include "base/text.h"
#include "rights/policy.h"
#include <jansson.h>
#include <stdlib.h>

static int keep_text(struct sluice_text_out *out, const char *bytes, size_t n, struct sluice_error *err) {
  (void)err;
  text_add(out->private_data, bytes, n);
  return SLUICE_OK;
}

static inline int write_form(const struct s3_options *options, const char *form, const char *principal,
                             struct text *text, struct sluice_error *err) {
  struct sluice_text_out out = {keep_text, text};
  return s3_policy_write(options, "clicks", form, principal, &out, err);
}

static inline json_t *write_json_policy(const struct s3_options *options, const char *principal) {
  struct text text = {0};
  struct sluice_error err = {0};
  json_error_t wrong;
  int code = write_form(options, "json", principal, &text, &err);
  if (code != SLUICE_OK)
    fail_msg("%s", err.message);
  json_t *made = json_loads(text_get(&text), JSON_REJECT_DUPLICATES, &wrong);
  if (!made)
    fail_msg("no JSON at line %d: %s", wrong.line, wrong.text);
  text_finish(&text);
  return made;
}

#endif
