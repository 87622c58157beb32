/* The Arrow type of a leaf, and how its values get there. An annotation that does not fit its physical type is ignored:
 * the values are then what the physical type says. */
#include "types.h"
#include "views.h"

enum { DECIMAL128_DIGITS = 38, DECIMAL256_DIGITS = 76 };

static void set(struct pq_arrow_type *t, const char *format, enum pq_store_kind kind, uint32_t width) {
  snprintf(t->format, sizeof t->format, "%s", format);
  t->store.kind = kind;
  t->store.width = width;
}

static void set_physical(const struct pq_element *e, int32_t int96, struct pq_arrow_type *t) {
  static const char units[] = "smun";
  switch (e->type) {
  case PQ_BOOLEAN:
    set(t, "b", PQ_STORE_BITS, 0);
    return;
  case PQ_INT32:
    set(t, "i", PQ_STORE_SAME, 4);
    return;
  case PQ_INT64:
    set(t, "l", PQ_STORE_SAME, 8);
    return;
  case PQ_INT96:
    set(t, "", PQ_STORE_INT96, 8);
    snprintf(t->format, sizeof t->format, "ts%c:", units[int96]);
    t->store.unit = int96;
    return;
  case PQ_FLOAT:
    set(t, "f", PQ_STORE_SAME, 4);
    return;
  case PQ_DOUBLE:
    set(t, "g", PQ_STORE_SAME, 8);
    return;
  case PQ_FIXED:
    set(t, "", PQ_STORE_SAME, t->store.physical);
    snprintf(t->format, sizeof t->format, "w:%d", (int)e->type_length);
    return;
  default:
    set(t, "z", PQ_STORE_BYTES, 0);
  }
}

static void set_integer(const struct pq_element *e, struct pq_arrow_type *t) {
  if (e->type == PQ_INT64 && e->bits == 64 && !e->is_signed)
    set(t, "L", PQ_STORE_SAME, 8);
  if (e->type != PQ_INT32)
    return;
  if (e->bits == 8)
    set(t, e->is_signed ? "c" : "C", PQ_STORE_LOW, 1);
  else if (e->bits == 16)
    set(t, e->is_signed ? "s" : "S", PQ_STORE_LOW, 2);
  else if (e->bits == 32 && !e->is_signed)
    set(t, "I", PQ_STORE_SAME, 4);
}

static void set_decimal(const struct pq_element *e, struct pq_arrow_type *t) {
  bool wide = e->precision > DECIMAL128_DIGITS, integer = e->type == PQ_INT32 || e->type == PQ_INT64;
  struct sluice_type parsed;
  struct pq_arrow_type decimal = *t;
  if (e->precision < 1 || e->precision > DECIMAL256_DIGITS)
    return;
  if (!integer && e->type != PQ_FIXED && e->type != PQ_BYTES)
    return;
  set(&decimal, "", integer ? PQ_STORE_WIDEN : PQ_STORE_BIG, wide ? 32 : 16);
  snprintf(decimal.format, sizeof decimal.format, "d:%d,%d%s", (int)e->precision, (int)e->scale, wide ? ",256" : "");
  if (sluice_type_parse(decimal.format, &parsed, NULL) == SLUICE_OK)
    *t = decimal;
}

static void set_time(const struct pq_element *e, struct pq_arrow_type *t) {
  if (e->type == PQ_INT32 && e->unit == SLUICE_MILLI)
    set(t, "ttm", PQ_STORE_SAME, 4);
  else if (e->type == PQ_INT64 && (e->unit == SLUICE_MICRO || e->unit == SLUICE_NANO))
    set(t, e->unit == SLUICE_MICRO ? "ttu" : "ttn", PQ_STORE_SAME, 8);
}

static void set_timestamp(const struct pq_element *e, struct pq_arrow_type *t) {
  static const char *const formats[] = {"tsm:", "tsu:", "tsn:", "tsm:UTC", "tsu:UTC", "tsn:UTC"};
  if (e->type == PQ_INT64 && e->unit >= SLUICE_MILLI && e->unit <= SLUICE_NANO)
    set(t, formats[e->unit - SLUICE_MILLI + (e->utc ? 3 : 0)], PQ_STORE_SAME, 8);
}

static void set_text(const struct pq_element *e, struct pq_arrow_type *t) {
  if (e->type != PQ_BYTES)
    return;
  set(t, "u", PQ_STORE_BYTES, 0);
  t->store.text = true;
  if (e->logical == PQ_JSON)
    snprintf(t->extension, sizeof t->extension, "arrow.json");
}

/* Text inside a JSON string; what would need escapes is left out, for these are names of reference systems. */
static void add_plain(char *out, size_t size, struct pq_slice text) {
  size_t n = strlen(out);
  for (size_t i = 0; i < text.size && n + 1 < size; i++)
    if (text.data[i] >= 0x20 && text.data[i] < 0x7f && text.data[i] != '"' && text.data[i] != '\\')
      out[n++] = (char)text.data[i];
  out[n] = 0;
}

static void set_geometry(const struct pq_element *e, struct pq_arrow_type *t) {
  static const char *const edges[] = {"spherical", "vincenty", "thomas", "andoyer", "karney"};
  char crs[300] = "";
  if (e->type != PQ_BYTES)
    return;
  int edge = e->algorithm >= 0 && e->algorithm < 5 ? e->algorithm : 0;
  bool round = e->logical == PQ_GEOGRAPHY;
  snprintf(t->extension, sizeof t->extension, "geoarrow.wkb");
  if (e->crs.size) {
    snprintf(crs, sizeof crs, "\"crs\":\"");
    add_plain(crs, sizeof crs - 2, e->crs);
    snprintf(crs + strlen(crs), sizeof crs - strlen(crs), "\"");
  }
  snprintf(t->parameters, sizeof t->parameters, "{%s%s%s%s%s}", crs, crs[0] && round ? "," : "",
           round ? "\"edges\":\"" : "", round ? edges[edge] : "", round ? "\"" : "");
}

static void set_fixed(const struct pq_element *e, struct pq_arrow_type *t) {
  if (e->type != PQ_FIXED)
    return;
  if (e->logical == PQ_FLOAT16 && e->type_length == 2)
    set(t, "e", PQ_STORE_SAME, 2);
  if (e->logical == PQ_INTERVAL && e->type_length == 12)
    set(t, "tin", PQ_STORE_INTERVAL, 16);
  if (e->logical == PQ_UUID && e->type_length == 16)
    snprintf(t->extension, sizeof t->extension, "arrow.uuid");
}

static void annotate(const struct pq_element *e, struct pq_arrow_type *t) {
  switch (e->logical) {
  case PQ_STRING:
  case PQ_ENUM:
  case PQ_JSON:
    set_text(e, t);
    return;
  case PQ_DECIMAL:
    set_decimal(e, t);
    return;
  case PQ_DATE:
    if (e->type == PQ_INT32)
      set(t, "tdD", PQ_STORE_SAME, 4);
    return;
  case PQ_TIME:
    set_time(e, t);
    return;
  case PQ_TIMESTAMP:
    set_timestamp(e, t);
    return;
  case PQ_INTEGER:
    set_integer(e, t);
    return;
  case PQ_UNKNOWN:
    set(t, "n", PQ_STORE_NOTHING, 0);
    return;
  case PQ_UUID:
  case PQ_FLOAT16:
  case PQ_INTERVAL:
    set_fixed(e, t);
    return;
  case PQ_GEOMETRY:
  case PQ_GEOGRAPHY:
    set_geometry(e, t);
    return;
  default:
    return;
  }
}

void pq_type_of(const struct pq_element *e, int32_t int96, struct pq_arrow_type *out) {
  *out = (struct pq_arrow_type){.store = {.physical = pq_physical_width(e)}};
  set_physical(e, int96, out);
  annotate(e, out);
}

void pq_type_view(struct pq_arrow_type *t) {
  if (t->store.kind == PQ_STORE_BYTES && !t->extension[0])
    set(t, t->store.text ? "vu" : "vz", PQ_STORE_VIEWS, PQ_VIEW);
}
