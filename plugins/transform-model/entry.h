/* What a column can mean: the entries of a file schema that name one column. */
#ifndef MODEL_ENTRY_H
#define MODEL_ENTRY_H
#include <stdint.h>

enum entry {
  ENTRY_PREDICTION_ID,
  ENTRY_TIMESTAMP,
  ENTRY_VERSION,
  ENTRY_BATCH_ID,
  ENTRY_CHANGE_TIMESTAMP,
  ENTRY_PREDICTION_LABEL,
  ENTRY_PREDICTION_SCORE,
  ENTRY_PREDICTION_SCORES,
  ENTRY_THRESHOLD_SCORES,
  ENTRY_GROUP_ID,
  ENTRY_RANK,
  ENTRY_PREDICTION_BOXES, /* the three of an object detection are side by side */
  ENTRY_PREDICTION_BOX_CATEGORIES,
  ENTRY_PREDICTION_BOX_SCORES,
  ENTRY_ACTUAL_LABEL,
  ENTRY_ACTUAL_SCORE,
  ENTRY_ACTUAL_SCORES,
  ENTRY_RELEVANCE_SCORE,
  ENTRY_RELEVANCE_LABEL,
  ENTRY_ACTUAL_BOXES,
  ENTRY_ACTUAL_BOX_CATEGORIES,
  ENTRY_ACTUAL_BOX_SCORES,
  ENTRY_COUNT
};
#define ENTRY_BIT(entry) (UINT32_C(1) << (entry))

enum { SIDE_NONE, SIDE_PREDICTION, SIDE_ACTUAL };

struct entry_info {
  const char *key;      /* in the schema, snake_case; of object detection: with the member */
  const char *what;     /* for messages */
  const char *group;    /* of the record that goes out: "prediction", "actual", NULL: not one of those two */
  const char *subgroup; /* in that; mostly NULL */
  const char *name;     /* in that */
  int side;             /* which side's presence it proves */
};
const struct entry_info *entry_info(enum entry entry);

#endif
