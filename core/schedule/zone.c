/* Time zones: opening them, and which offset holds when. */
#include "core/base/file.h"
#include "core/schedule/zone_internal.h"
#include <stdlib.h>
#include <time.h>

#define ZONE_FOLDER "/usr/share/zoneinfo"
enum { FILE_LIMIT = 256 * 1024 /* the largest of tzdata 2025b has 4 KiB */ };

static int open_utc(const char *name, struct zone **out, struct sluice_error *err) {
  struct zone *zone = calloc(1, sizeof *zone);
  if (!zone)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "timezone", "no memory");
  snprintf(zone->name, sizeof zone->name, "%s", name);
  *out = zone;
  return SLUICE_OK;
}

int zone_open_in(const char *folder, const char *name, struct zone **out, struct sluice_error *err) {
  struct text path = {.limit = 4096}, bytes = {0};
  struct sluice_error why = {0};
  if (!zone_name_valid(name))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "timezone",
                       "\"%.80s\" cannot be a time zone; write a name of tzdata, such as \"Europe/Paris\" or \"UTC\"",
                       name);
  if (strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0)
    return open_utc(name, out, err);
  int status = text_printf(&path, "%s/%s", folder, name);
  if (status == SLUICE_OK)
    status = file_read(text_get(&path), FILE_LIMIT, &bytes, &why);
  if (status == SLUICE_OK)
    status = zone_parse(name, (const uint8_t *)text_get(&bytes), bytes.size, out, err);
  else if (status == SLUICE_ERR_MEMORY)
    status = sluice_fail(err, SLUICE_ERR_MEMORY, "timezone", "no memory to read the zone");
  else
    status = zone_name_fail(folder, name, err);
  text_finish(&bytes);
  text_finish(&path);
  return status;
}

int zone_open(const char *name, struct zone **out, struct sluice_error *err) {
  return zone_open_in(ZONE_FOLDER, name, out, err);
}

void zone_destroy(struct zone *zone) {
  free(zone);
}

const char *zone_name(const struct zone *zone) {
  return zone->name;
}

/* How many of the changes come at or before the moment. */
static size_t count_until(const struct zone *zone, int64_t utc) {
  size_t low = 0, high = zone->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (zone->changes[middle].at <= utc)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void zone_span(const struct zone *zone, int64_t utc, struct zone_span *out) {
  utc = utc < ZONE_MIN ? ZONE_MIN : utc > ZONE_MAX ? ZONE_MAX : utc;
  size_t n = count_until(zone, utc);
  const struct zone_change *change = n ? &zone->changes[n - 1] : NULL;
  int64_t from = change ? change->at : ZONE_MIN;
  int32_t offset = change ? change->offset : zone->first;
  int64_t reached = change ? change->reached : from + offset;
  if (n == zone->n && zone->ruled)
    zone_rule_span(&zone->rule, utc, from, change ? reached : INT64_MIN, out);
  else
    *out = (struct zone_span){from, n < zone->n ? zone->changes[n].at : ZONE_MAX + 1, reached, offset};
}

void zone_format(const struct zone *zone, int64_t utc, char out[ZONE_TEXT_SIZE]) {
  struct zone_span span;
  zone_span(zone, utc, &span);
  time_t local = (time_t)(utc + span.offset);
  struct tm parts;
  char day[ZONE_TEXT_SIZE - 8];
  int minutes = abs(span.offset) / 60;
  out[0] = 0;
  if (!gmtime_r(&local, &parts) || !strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts))
    return;
  snprintf(out, ZONE_TEXT_SIZE, "%s%c%02d:%02d", day, span.offset < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
}
