/* What the tests of the JSON reader share: inputs in memory, options and wanted columns as text, and all that was read
 * as text. */
#ifndef JSON_TEST_KIT_H
#define JSON_TEST_KIT_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json.h"
#include <stdio.h>

struct kit_input { /* an input's content, and what shall go wrong with it */
  const char *data;
  size_t size;
  bool unknown_size;
  size_t most;              /* bytes that one read gives; 0: as asked */
  int fail_code, fail_read; /* the read of this number, from 1 on, fails with the code */
  int reads, opened;        /* counted here; opened: inputs that are not released */
  int64_t furthest;         /* end of what was read */
  bool rewound;             /* of unknown size, and read again after more than 1 MiB */
};
struct kit_input kit_text(const char *text);

struct kit_options {
  struct json_config config;
  struct sluice_scan scan;
  struct ArrowSchema want;
  bool no_rejects; /* none are given: a bad record is an error */
  char records[160], part[64];
};
/* Words with blanks between them: "layout=array", "nan", "rows=3", ... as in kit.c; "want=..." comes last:
 * "a:int64!,b:{c:double,d:},e:[string],f:<date32>"; ! may not be null, {} struct, [] list, <> map, no type: as found.
 */
void kit_options(struct kit_options *o, const char *words);
void kit_options_finish(struct kit_options *o);

struct kit_result { /* of a reading to its end */
  int code;         /* END, or what failed */
  int64_t rows, batches, rejects, warnings;
  struct sluice_error err;
  char *text;                      /* the schema, then each record and reject; from malloc */
  size_t begin;                    /* of the text, behind the schema */
  struct sluice_position ends[64]; /* of the first batches */
  size_t text_at[64];              /* how much text there was at each of them */
};
/* Reads all, validates each batch in full, and prints it. */
void kit_read(const struct kit_options *o, struct kit_input *input, struct kit_result *out);
void kit_result_free(struct kit_result *r);
/* Reads with these options and expects this text. */
void kit_expect(const char *words, const char *input, const char *text);
/* The same, but only the end of what is read must be so, and it ends with this code. */
void kit_expect_error(const char *words, const char *input, int code, const char *part_of_message);

const struct sluice_format *kit_format(void);
const struct sluice_host *kit_host(void);
extern int kit_cancelled;
extern int64_t kit_warnings;
extern char kit_warning[512]; /* the last one */
void kit_input_open(struct kit_input *input, struct sluice_input *out);
void kit_print(FILE *out, const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t i);
void kit_print_schema(FILE *out, const struct ArrowSchema *schema);
/* The file's bytes with a NUL behind them, from malloc; NULL: there is none. */
char *kit_file(const char *path, size_t *size);

#endif
