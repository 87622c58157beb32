/* What the tests of the ledger share: a folder of their own, short forms of calls, raw looks into the file. */
#ifndef LEDGER_HELPERS_H
#define LEDGER_HELPERS_H
#include "core/ledger/ledger.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after those that it needs */
#include <cmocka.h>

enum { MIB = 1 << 20 };

/* cmocka setup and teardown: *state is a fresh folder's path. */
int make_folder(void **state);
int remove_folder(void **state);
char *path_in(const char *dir, const char *name); /* in a static buffer */

struct ledger *open_job(const char *dir, const char *job); /* fails the test if it cannot */
int64_t delivery_of(struct ledger *);                      /* sink "out", stream "main" */
int64_t begin_run(struct ledger *, int64_t delivery);
/* A listing written as "name=version name=version"; sizes are 10. Merged whole, in one page. */
struct ledger_merged merge_all(struct ledger *, int64_t delivery, const char *listing, enum on_change policy);
struct ledger_settings default_settings(void); /* no bundles */
struct ledger_unit claim(struct ledger *, int64_t run);
int claim_code(struct ledger *, int64_t run); /* and forgets the unit */
void checkpoint(struct ledger *, const struct ledger_unit *, int64_t row, int64_t rows);
void finish(struct ledger *, const struct ledger_unit *); /* all parts DONE with 1 row each */

/* One number or text of the file, by its own connection. */
int64_t sql_number(const char *dir, const char *job, const char *sql);
char *sql_text(const char *dir, const char *job, const char *sql); /* malloc'ed; rows by '\n' */
void sql_exec(const char *dir, const char *job, const char *sql);
/* "name=version:state " of all parts, states by letter: Pending Active Done Failed Skipped Gone, "-" for absent. */
void assert_parts(const char *dir, const char *job, const char *expected);

void write_file(const char *path, const void *bytes, size_t n);
char *read_file(const char *path, size_t *n); /* malloc'ed */

#endif
