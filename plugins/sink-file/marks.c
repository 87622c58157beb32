/* Marks in a search tree. */
#include "marks.h"
#include <search.h>
#include <stdlib.h>

static int by_key(const void *a, const void *b) {
  const struct mark *x = a, *y = b;
  int order = strcmp(x->delivery, y->delivery);
  return order ? order : strcmp(x->unit, y->unit);
}

static void mark_free(void *mark) {
  struct mark *m = mark;
  free(m->delivery);
  free(m->unit);
  free(m);
}

static struct mark *mark_create(const char *delivery, const char *unit) {
  struct mark *mark = calloc(1, sizeof *mark);
  if (!mark)
    return NULL;
  mark->delivery = strdup(delivery);
  mark->unit = strdup(unit);
  if (mark->delivery && mark->unit)
    return mark;
  mark_free(mark);
  return NULL;
}

static struct mark **find(const struct marks *marks, const char *delivery, const char *unit) {
  const struct mark key = {.delivery = (char *)delivery, .unit = (char *)unit};
  return tfind(&key, &marks->root, by_key);
}

struct mark *marks_place(struct marks *marks, const char *delivery, const char *unit) {
  struct mark **found = find(marks, delivery, unit);
  if (found)
    return *found;
  struct mark *mark = mark_create(delivery, unit);
  if (!mark)
    return NULL;
  if (tsearch(mark, &marks->root, by_key))
    return mark;
  mark_free(mark);
  return NULL;
}

struct mark *marks_find(const struct marks *marks, const char *delivery, const char *unit) {
  struct mark **found = find(marks, delivery, unit);
  return found && (*found)->set ? *found : NULL;
}

void marks_drop(struct marks *marks, const char *delivery, const char *unit) {
  struct mark **found = find(marks, delivery, unit);
  if (!found)
    return;
  struct mark *mark = *found;
  tdelete(mark, &marks->root, by_key);
  mark_free(mark);
}

struct visit {
  mark_visit *each;
  void *context;
};
static void visit_node(const void *node, VISIT which, void *closure) {
  const struct visit *visit = closure;
  const struct mark *mark = *(struct mark *const *)node;
  if ((which == postorder || which == leaf) && mark->set)
    visit->each(visit->context, mark);
}
void marks_each(const struct marks *marks, mark_visit *each, void *context) {
  struct visit visit = {each, context};
  twalk_r(marks->root, visit_node, &visit);
}

void marks_finish(struct marks *marks) {
  tdestroy(marks->root, mark_free);
  marks->root = NULL;
}
