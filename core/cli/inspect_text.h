/* What a format tells of a file, for people: JSON laid out as lines and tables. */
#ifndef CLI_INSPECT_TEXT_H
#define CLI_INSPECT_TEXT_H
#include <jansson.h>
#include <stdio.h>

/* Members in their order: plain ones as lines, lists of objects as tables, of which the first rows are shown. */
void inspect_print(FILE *, const json_t *object);

#endif
