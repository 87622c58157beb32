/* What the files of time zones share: the form in memory, and the rule for the time after the last listed change. */
#ifndef SLUICE_ZONE_INTERNAL_H
#define SLUICE_ZONE_INTERNAL_H
#include "core/schedule/zone.h"

enum { ZONE_NAME_SIZE = 64, OFFSET_MAX = 26 * 3600, DAY = 86400 };

struct rule_date {
  enum { RULE_JULIAN, RULE_DAY, RULE_WEEKDAY } kind; /* Jn: 1-365, no leap day; n: 0-365; Mm.w.d */
  int month, week, day;
  int32_t time; /* seconds from local midnight, may be below 0 or above a day */
};
struct zone_rule {
  int32_t standard, summer;      /* offsets */
  bool changes;                  /* else `standard` for ever */
  struct rule_date starts, ends; /* of summer time */
};
struct zone_change {
  int64_t at, reached; /* as in zone_span */
  int32_t offset;      /* from then on */
};
struct zone {
  char name[ZONE_NAME_SIZE];
  int32_t first; /* offset before the first change */
  bool ruled;
  struct zone_rule rule; /* from the last change on; where there is none, always */
  size_t n;
  struct zone_change changes[];
};

/* A TZ text of POSIX with the hours of RFC 9636, without its newlines. False: it is not one. */
bool zone_rule_parse(const char *text, size_t n, struct zone_rule *out);
/* `floor` and `reached`: where the rule takes over. */
void zone_rule_span(const struct zone_rule *, int64_t utc, int64_t floor, int64_t reached, struct zone_span *out);

bool zone_name_valid(const char *name);
/* Says why the zone of that name cannot be read from the folder. */
int zone_name_fail(const char *folder, const char *name, struct sluice_error *err);

#endif
