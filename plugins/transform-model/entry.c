/* The table of entries. */
#include "entry.h"
#include <stddef.h>

#define BOXES(side) #side "_object_detection.bounding_boxes_"
static const struct entry_info infos[ENTRY_COUNT] = {
    [ENTRY_PREDICTION_ID] = {"prediction_id", "Prediction IDs", NULL, NULL, "prediction_id", SIDE_NONE},
    [ENTRY_TIMESTAMP] = {"timestamp", "Prediction timestamps", NULL, NULL, "timestamp", SIDE_NONE},
    [ENTRY_VERSION] = {"version", "Model versions", NULL, NULL, "version", SIDE_NONE},
    [ENTRY_BATCH_ID] = {"batch_id", "Batch IDs", NULL, NULL, "batch_id", SIDE_NONE},
    [ENTRY_CHANGE_TIMESTAMP] = {"change_timestamp", "Change timestamps", NULL, NULL, NULL, SIDE_NONE},
    [ENTRY_PREDICTION_LABEL] = {"prediction_label", "Prediction labels", "prediction", NULL, "label", SIDE_PREDICTION},
    [ENTRY_PREDICTION_SCORE] = {"prediction_score", "Prediction scores", "prediction", NULL, "score", SIDE_PREDICTION},
    [ENTRY_PREDICTION_SCORES] = {"prediction_scores", "Prediction scores", "prediction", NULL, "scores",
                                 SIDE_PREDICTION},
    [ENTRY_THRESHOLD_SCORES] = {"threshold_scores", "Threshold scores", "prediction", NULL, "threshold_scores",
                                SIDE_NONE},
    [ENTRY_GROUP_ID] = {"prediction_group_id", "Prediction group IDs", "prediction", NULL, "group_id", SIDE_PREDICTION},
    [ENTRY_RANK] = {"rank", "Ranks", "prediction", NULL, "rank", SIDE_PREDICTION},
    [ENTRY_PREDICTION_BOXES] = {BOXES(prediction) "coordinates_column_name", "Bounding boxes", "prediction",
                                "object_detection", "coordinates", SIDE_PREDICTION},
    [ENTRY_PREDICTION_BOX_CATEGORIES] = {BOXES(prediction) "categories_column_name", "Categories of boxes",
                                         "prediction", "object_detection", "categories", SIDE_PREDICTION},
    [ENTRY_PREDICTION_BOX_SCORES] = {BOXES(prediction) "scores_column_name", "Scores of boxes", "prediction",
                                     "object_detection", "scores", SIDE_PREDICTION},
    [ENTRY_ACTUAL_LABEL] = {"actual_label", "Actual labels", "actual", NULL, "label", SIDE_ACTUAL},
    [ENTRY_ACTUAL_SCORE] = {"actual_score", "Actual scores", "actual", NULL, "score", SIDE_ACTUAL},
    [ENTRY_ACTUAL_SCORES] = {"actual_scores", "Actual scores", "actual", NULL, "scores", SIDE_ACTUAL},
    [ENTRY_RELEVANCE_SCORE] = {"relevance_score", "Relevance scores", "actual", NULL, "relevance_score", SIDE_ACTUAL},
    [ENTRY_RELEVANCE_LABEL] = {"relevance_label", "Relevance labels", "actual", NULL, "relevance_label", SIDE_ACTUAL},
    [ENTRY_ACTUAL_BOXES] = {BOXES(actual) "coordinates_column_name", "Bounding boxes", "actual", "object_detection",
                            "coordinates", SIDE_ACTUAL},
    [ENTRY_ACTUAL_BOX_CATEGORIES] = {BOXES(actual) "categories_column_name", "Categories of boxes", "actual",
                                     "object_detection", "categories", SIDE_ACTUAL},
    [ENTRY_ACTUAL_BOX_SCORES] = {BOXES(actual) "scores_column_name", "Scores of boxes", "actual", "object_detection",
                                 "scores", SIDE_ACTUAL},
};

const struct entry_info *entry_info(enum entry entry) {
  return &infos[entry];
}
