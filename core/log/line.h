/* One line of the log, made of its fields. Private to core/log. */
#ifndef LOG_LINE_H
#define LOG_LINE_H
#include "core/base/text.h"

struct line {
  int level;
  const char *time, *job, *plugin; /* job, plugin: NULL where there is none */
  const char *message;
};
int line_text(const struct line *, bool colour, struct text *out);
int line_escape(struct text *out, const char *message); /* control characters and what is not UTF-8, as \xNN */
int line_json(const struct line *, struct text *out);

#endif
