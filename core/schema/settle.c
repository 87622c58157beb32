/* The columns that will be there: as asked for, else as found. */
#include "core/schema/schema.h"

static int settle_column(const struct ArrowSchema *column, const struct ArrowSchema *found, struct ArrowSchema *out) {
  int64_t at = sluice_schema_find(found, column->name);
  if (column->format[0])
    return sluice_schema_copy(column, out);
  if (at >= 0)
    return sluice_schema_copy(found->children[at], out);
  return sluice_schema_init(out, "u", column->name, ARROW_FLAG_NULLABLE);
}

int schema_settle(const struct ArrowSchema *want, const struct ArrowSchema *found, struct ArrowSchema *out) {
  struct ArrowSchema settled;
  int code = sluice_schema_nested(&settled, "+s", "", 0, want->n_children);
  if (code)
    return code;
  for (int64_t i = 0; i < want->n_children && !code; i++)
    code = settle_column(want->children[i], found, settled.children[i]);
  if (code)
    sluice_schema_release(&settled);
  else
    sluice_schema_move(&settled, out);
  return code;
}
