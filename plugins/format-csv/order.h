/* Dates that are not written as ISO 8601 has them, where the sample leaves no doubt in which order day and month stand:
 * 31/12/2020 can only be one thing, 01/02/2020 two. */
#ifndef CSV_ORDER_H
#define CSV_ORDER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CSV_ORDERS = 8, CSV_ORDER_NONE = -1, CSV_ORDER_TEXT = 48 };

/* Text in this order to that of ISO 8601; a time of day behind the date is copied. False: not so written. Whether there
 * is such a day is left to whom the text is given. */
bool csv_order_rewrite(int order, const char *text, size_t n, char out[CSV_ORDER_TEXT], size_t *size);

#endif
