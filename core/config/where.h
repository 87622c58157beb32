/* `where`: tests of columns joined by `and`, from one text. Grammar: docs/configuration.md, "Filters". */
#ifndef CONFIG_WHERE_H
#define CONFIG_WHERE_H
#include <sluice/sdk.h>

enum { WHERE_TEXT_MAX = 16 << 10, WHERE_DEPTH_MAX = 16 };

struct where;
/* CONFIG: the message names the place in the text. The text is copied. */
int where_parse(const char *text, struct where **out, struct sluice_error *err);
void where_destroy(struct where *);                                /* takes NULL */
const struct sluice_where *where_tests(const struct where *where); /* of NULL: NULL */

#endif
