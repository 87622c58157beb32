/* What another JSON parser says: jansson, in a file of its own, for its names are like ours. */
#include "oracle.h"
#include <jansson.h>
#include <string.h>

int oracle_is_object(const char *text, size_t size) {
  json_error_t error;
  if (memchr(text, 0, size)) /* it loses a zero byte behind a number */
    return ORACLE_UNSURE;
  json_t *value = json_loadb(text, size, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);
  int object = json_is_object(value);
  json_decref(value);
  if (value)
    return object ? ORACLE_YES : ORACLE_NO;
  enum json_error_code code = json_error_code(&error);
  if (code == json_error_numeric_overflow || code == json_error_stack_overflow || code == json_error_null_byte_in_key)
    return ORACLE_UNSURE;
  return ORACLE_NO;
}
