/* A dry run as lines for people, and as JSON. */
#ifndef CLI_PLAN_PRINT_H
#define CLI_PLAN_PRINT_H
#include "core/plan/plan.h"
#include <jansson.h>
#include <stdio.h>

void plan_print_text(FILE *, const struct plan *);
json_t *plan_print_json(const struct plan *); /* NULL: no memory */
const char *plan_code_name(int code);         /* of a reason: "auth", "data"; "rejects" for OK */

#endif
