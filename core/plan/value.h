/* The value that is to blame, in a record that was refused. */
#ifndef PLAN_VALUE_H
#define PLAN_VALUE_H
#include <stddef.h>

/* The column's value, as JSON, in a record that is JSON; a field of a record in it is called as in "o.a". NULL: it
 * cannot be told. */
char *value_in_record(const char *record, size_t n, const char *column);

#endif
