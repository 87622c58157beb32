/* Tells whether the head of a part is an Avro object container file, or one of the framings that are refused by name.
 */
#include "avro.h"
#include <strings.h>

int avro_probe(const void *head, size_t size, const char *name) {
  const uint8_t *p = head;
  size_t n = name ? strlen(name) : 0;
  bool named = n >= 5 && strcasecmp(name + n - 5, ".avro") == 0;
  if (size >= 4 && memcmp(p, "Obj\1", 4) == 0)
    return 100;
  if (size >= 10 && p[0] == 0xc3 && p[1] == 0x01)
    return 60; /* a single-object message: refused, and told why */
  return named ? 40 : 0;
}
