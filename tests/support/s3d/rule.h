/* One line of a fault script. */
#ifndef S3D_RULE_H
#define S3D_RULE_H
#include "faults.h"

enum { RULE_GLOB = 256 };

struct rule {
  bool any;
  enum operation op;
  char glob[RULE_GLOB];
  uint64_t times, skip, every; /* times 0: without end */
  struct fault fault;
  uint64_t matched, fired;
  bool expire_next;
};

/* Reads a script; on an error `message` says where and what. The caller frees the rules. */
bool rules_read(const char *path, struct rule **rules, size_t *count, char *message, size_t size);

bool rule_matches(const struct rule *r, enum operation op, const char *key);
/* Counts the match, and says whether the fault is due now. */
bool rule_is_due(struct rule *r);
#endif
