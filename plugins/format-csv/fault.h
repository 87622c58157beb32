/* Turns a fault of a record into a reject, or into the error of the unit where rejects are not taken. */
#ifndef CSV_FAULT_H
#define CSV_FAULT_H
#include "index.h"
#include "layout.h"

struct csv_reporter {
  struct sluice_rejects *rejects; /* NULL: the first fault ends the unit */
  const struct csv_layout *layout;
  uint32_t columns; /* of the file */
  uint32_t fatal;   /* bit n: fault code n ends the unit all the same */
  size_t max_line;
  const char *part;
};
struct csv_record { /* the record at fault */
  int64_t row, offset;
  const uint8_t *raw; /* as much of it as is at hand */
  size_t held, size;
};

/* `text`: the value at fault, for the codes that have one. */
int csv_report(const struct csv_reporter *r, const struct csv_fault *fault, const struct csv_record *record,
               const uint8_t *text, struct sluice_error *err);

#endif
