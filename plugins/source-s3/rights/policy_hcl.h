/* Values in the language of Terraform. */
#ifndef S3_POLICY_HCL_H
#define S3_POLICY_HCL_H
#include "base/text.h"
#include <jansson.h>

void hcl_put_string(struct text *out, const char *text); /* quoted; nothing in it is a template */
/* An object, array or text, laid out as `terraform fmt` does; lines behind the first are indented by so many blanks. */
void hcl_put_value(struct text *out, json_t *value, int indent);

#endif
