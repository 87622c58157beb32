/* The head of a part: its encoding, its layout, and where its records begin. */
#ifndef JSON_HEAD_H
#define JSON_HEAD_H
#include "frame.h"

struct json_head {
  enum json_layout layout; /* not AUTO */
  bool within;             /* the array is a member of something */
};
/* Leaves the input where the records begin. DATA: UTF-16, or there is no such array as the option records names. */
int json_head_read(const struct json_config *config, struct json_input *w, const char *part, struct json_head *out,
                   struct sluice_error *err);
/* To the array that the JSON pointer names. */
int json_pointer_find(const char *pointer, struct json_input *w, const char *part, struct sluice_error *err);

#endif
