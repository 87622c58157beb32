/* A column in a role: whether its type fits, and what it is cast to. */
#include "bound.h"
#include "kinds.h"

const char *use_column_name(const struct bound *b, int64_t column) {
  const char *name = b->in.children[column]->name;
  return name ? name : "";
}

/* Another type to cast to: numbers from text by choice; versions and batches are texts. NULL: none. */
static const char *cast_format(const struct bound *b, unsigned has, unsigned wants) {
  if (has & KIND_INT && wants & KIND_AS_TEXT)
    return "u";
  bool numbers = !(wants & KIND_TEXT) && wants & (KIND_INT | KIND_WIDE_INT | KIND_FLOAT);
  if (has & KIND_TEXT && numbers && b->model->config->text_numbers)
    return wants & KIND_FLOAT ? "g" : "l";
  return NULL;
}

static void wrong_type(const struct bound *b, const struct use *use, unsigned has, unsigned wants,
                       struct faults *faults) {
  char found[220], allowed[200];
  const struct ArrowSchema *field = b->in.children[use->column];
  const char *advice = "; give it another type in the job's mapping";
  if (use->role == ROLE_FEATURE || use->role == ROLE_TAG)
    advice = "; list it under exclude, or give it another type in the job's mapping";
  else if (has & KIND_TEXT && !(wants & KIND_TEXT) && wants & (KIND_INT | KIND_FLOAT))
    advice = "; set text_numbers = true to read numbers from text, or give it a type in the job's mapping";
  else if (has & KIND_FLOAT && wants & KIND_INT)
    advice = "; integers with a missing value among them may have become numbers with a fraction: give the column a "
             "type in the job's mapping";
  faults_add(faults, "Invalid_Type: %s must be %s, but column '%.80s' is %s%s", use->what,
             kinds_text(wants, allowed, sizeof allowed), use->name,
             kinds_type_text(field->dictionary ? field->dictionary : field, found, sizeof found), advice);
}

static int set_type(const struct bound *b, struct use *use, unsigned wants, struct faults *faults) {
  const struct ArrowSchema *field = b->in.children[use->column];
  int code = sluice_schema_plain(field, 0, &use->plain);
  if (code)
    return code;
  unsigned has = kinds_of(&use->plain);
  const char *format = cast_format(b, has, wants);
  if (format) {
    sluice_schema_release(&use->plain);
    code = sluice_schema_init(&use->plain, format, field->name, ARROW_FLAG_NULLABLE);
  } else if (!(has & wants)) {
    wrong_type(b, use, has, wants, faults);
  }
  if (code)
    return code;
  use->cast = !sluice_schema_equal(field, &use->plain);
  return sluice_type_parse(use->plain.format, &use->type, NULL);
}

int use_add(struct bound *b, const struct use *role, unsigned wants, struct faults *faults, size_t *index) {
  struct use *grown = plan_grow(b->uses, b->n_uses, &b->uses_room, sizeof *grown);
  if (!grown)
    return SLUICE_ERR_MEMORY;
  b->uses = grown;
  struct use *use = &b->uses[b->n_uses];
  *use = *role;
  use->name = use_column_name(b, role->column);
  *index = b->n_uses++;
  return set_type(b, use, wants, faults);
}
