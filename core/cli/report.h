/* Telling people: errors on stderr, texts of others on stdout. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H
#include "core/cli/cli.h"
#include <jansson.h>

/* Prints what went wrong, secrets masked; as a log line with --log json. job: NULL where there is none. Gives the exit
 * status that belongs to the code. */
enum exit_status report_error(const struct cli *, const char *job, int code, const struct sluice_error *err);
/* A line about what was done, beside the output: on stderr, or in the log with --log json; not with --quiet. */
void report_note(const struct cli *, const char *line);
/* A mistake in the command line: the message, and where to read more. */
__attribute__((format(printf, 2, 3))) enum exit_status report_usage(const struct cli *, const char *format, ...);

/* A text that came from elsewhere (a name, a message): control characters and what is not UTF-8 as \xNN. */
void print_safe(FILE *, const char *text);
/* The same as a JSON string. */
json_t *json_safe(const char *text);
/* One JSON document and a line end; takes it. */
void print_json(FILE *, json_t *document, bool pretty);
/* 2024-02-29T13:05:59Z, or "-" for INT64_MIN. */
enum { REPORT_TIME_SIZE = 32 };
void format_time(int64_t microseconds, char out[REPORT_TIME_SIZE]);

#endif
