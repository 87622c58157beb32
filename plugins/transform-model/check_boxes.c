/* Bounding boxes: four numbers, top left corner first. */
#include "checking.h"
#include <math.h>

struct boxes { /* list of lists of numbers */
  const struct ArrowArray *inner, *numbers;
  struct sluice_type inner_type, number_type;
};

static int open_boxes(const struct use *use, const struct ArrowArray *array, struct boxes *out) {
  const struct ArrowSchema *inner = use->plain.children[0];
  out->inner = array->children[0];
  out->numbers = out->inner->children[0];
  int code = sluice_type_parse(inner->format, &out->inner_type, NULL);
  return code ? code : sluice_type_parse(inner->children[0]->format, &out->number_type, NULL);
}

static const char *bad_box(const struct boxes *boxes, int64_t box) {
  struct items items = {0, 0};
  double corner[4];
  if (!sluice_is_null(boxes->inner, box))
    items = cell_items(&boxes->inner_type, boxes->inner, box);
  if (items.count != 4)
    return "has not exactly 4 numbers";
  for (int64_t i = 0; i < 4; i++) {
    if (sluice_is_null(boxes->numbers, items.first + i))
      return "has a null";
    corner[i] = cell_number(&boxes->number_type, boxes->numbers, items.first + i);
    if (!(corner[i] >= 0) || isinf(corner[i]))
      return "has a number that is negative or not finite";
  }
  return corner[0] < corner[2] && corner[1] < corner[3] ? NULL : "does not have x1 < x2 and y1 < y2";
}

static int check_row(struct checking *c, const struct use *use, const struct boxes *boxes, int64_t row) {
  struct items items = cell_items(&use->type, &c->views[use - c->bound->uses], row);
  for (int64_t i = 0; i < items.count; i++) {
    const char *bad = bad_box(boxes, items.first + i);
    if (bad)
      return checking_reject(c, row, use, "Invalid_Bounding_Box_Coordinates",
                             "box %lld %s: give the top left corner, then the bottom right, as [x1, y1, x2, y2]",
                             (long long)i, bad);
  }
  return SLUICE_OK;
}

int check_boxes(const struct check *check, struct checking *c) {
  const struct use *use = &c->bound->uses[check->use];
  const struct ArrowArray *array = &c->views[check->use];
  struct boxes boxes;
  int code = open_boxes(use, array, &boxes);
  for (int64_t i = 0; i < c->rows && !code; i++)
    if (!sluice_is_null(array, i))
      code = check_row(c, use, &boxes, i);
  return code;
}

static int64_t count_of(const struct use *use, const struct ArrowArray *array, int64_t row) {
  return sluice_is_null(array, row) ? 0 : cell_items(&use->type, array, row).count;
}

int check_box_counts(const struct check *check, struct checking *c) {
  const struct use *boxes = &c->bound->uses[check->use], *other = &c->bound->uses[check->other];
  int code = SLUICE_OK;
  for (int64_t i = 0; i < c->rows && !code; i++) {
    int64_t n = count_of(boxes, &c->views[check->use], i), m = count_of(other, &c->views[check->other], i);
    if (n != m)
      code = checking_reject(c, i, other, "Invalid_Bounding_Box_Coordinates",
                             "there are %lld boxes but %lld of column '%.80s': give one for each box", (long long)n,
                             (long long)m, other->name);
  }
  return code;
}
