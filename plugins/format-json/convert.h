/* Texts to values of fixed width. */
#ifndef JSON_CONVERT_H
#define JSON_CONVERT_H
#include "column.h"

json_convert_fn *json_converter_of(const struct sluice_type *type); /* NULL: there is none for that type */

#endif
