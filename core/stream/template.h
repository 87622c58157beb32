/* The template of a stream's name. Private to core/stream. */
#ifndef STREAM_TEMPLATE_H
#define STREAM_TEMPLATE_H
#include "core/stream/naming.h"
#include <regex.h>

enum { TEMPLATE_GROUPS = 10 };

/* CONFIG: not a template; groups: how many the pattern has. *fixed: it is the same for all parts. */
int template_check(const char *template, size_t groups, bool *fixed, struct sluice_error *err);
/* Where the ending of the part's name begins, if the stream's name is made of all before it; 0: it is not. */
size_t template_ending(const char *template, const char *part);
/* Of a template that was checked. CONFIG: the name would be empty, too long, or of other characters than allowed. */
int template_fill(const char *template, const char *part, const regmatch_t *groups, char out[STREAM_NAME_SIZE],
                  struct sluice_error *err);

#endif
