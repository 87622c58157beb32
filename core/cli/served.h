/* What `sluice serve` knows of jobs, beside what their ledgers say: from the program that serves, or as it left it. */
#ifndef CLI_SERVED_H
#define CLI_SERVED_H
#include "core/cli/cli.h"
#include <jansson.h>

struct cli_served { /* zeroed: nothing is known */
  json_t *answer;   /* of the program, or made of what it left; NULL: there was none */
  bool live;        /* it serves now */
};
/* A folder that was never served, or a program that does not answer, is no error: that is told as a note. */
void cli_served_find(const struct cli *, const struct config *, struct cli_served *out);
void cli_served_finish(struct cli_served *);
const json_t *cli_served_job(const struct cli_served *, const char *job); /* status_job's form; NULL: unknown */
/* A deleted job gets no more runs: its parts that are still pending are cancelled. By what is stored. */
bool cli_served_is_deleted(const struct config *, const char *job);
void cli_served_print(FILE *, const struct cli_served *, const char *job); /* lines for people; none where unknown */

#endif
