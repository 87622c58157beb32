/* One entry of a listing, in each form. */
#include "core/cli/listing.h"
#include "core/cli/report.h"
#include <inttypes.h>
#include <math.h>
#include <time.h>

/* ---- sizes and times ---- */

void listing_human_size(int64_t bytes, char out[LISTING_SIZE_TEXT]) {
  static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = (double)bytes / 1024;
  size_t i = 0;
  if (bytes < 1024) {
    snprintf(out, LISTING_SIZE_TEXT, "%" PRId64 " %s", bytes, bytes == 1 ? "Byte" : "Bytes");
    return;
  }
  for (; nearbyint(value) >= 1024 && i + 1 < sizeof units / sizeof *units; i++)
    value /= 1024;
  snprintf(out, LISTING_SIZE_TEXT, "%.1f %s", value, units[i]);
}

static void size_text(int64_t bytes, enum listing_form form, char out[LISTING_SIZE_TEXT]) {
  if (bytes < 0)
    snprintf(out, LISTING_SIZE_TEXT, "-");
  else if (form == LISTING_HUMAN)
    listing_human_size(bytes, out);
  else
    snprintf(out, LISTING_SIZE_TEXT, "%" PRId64, bytes);
}

/* Of the user's time zone, to the second. */
static void local_time(int64_t microseconds, char *out, size_t size) {
  time_t seconds = (time_t)(microseconds / 1000000 - (microseconds % 1000000 < 0));
  struct tm parts;
  if (microseconds == INT64_MIN || !localtime_r(&seconds, &parts) || !strftime(out, size, "%Y-%m-%d %H:%M:%S", &parts))
    snprintf(out, size, "-");
}

/* ---- text ---- */

static void print_skip(FILE *out, const char *skip) {
  if (!skip)
    return;
  fputs("  (skipped: ", out);
  print_safe(out, skip);
  fputs(")", out);
}

/* A part that is the folder itself, and nothing known of it, is a folder that nobody looked into. */
static void print_folder(FILE *out, const struct level_entry *entry) {
  fprintf(out, "%30s ", "PRE");
  print_safe(out, entry->shown);
  print_skip(out, entry->part.size < 0 ? entry->part.skip : NULL);
  fputs("\n", out);
}

static void print_object(FILE *out, enum listing_form form, const struct level_entry *entry) {
  char when[32], size[LISTING_SIZE_TEXT];
  local_time(entry->part.modified, when, sizeof when);
  size_text(entry->part.size, form, size);
  fprintf(out, "%-19s %10s ", when, size);
  print_safe(out, entry->shown);
  print_skip(out, entry->part.skip);
  fputs("\n", out);
}

/* ---- JSON and CSV ---- */

static void print_json_object(FILE *out, const struct sluice_part *part) {
  char when[REPORT_TIME_SIZE];
  json_t *line = json_pack("{s:o}", "name", json_safe(part->name));
  format_time(part->modified, when);
  if (line && part->size >= 0)
    json_object_set_new(line, "size", json_integer(part->size));
  if (line && part->modified != INT64_MIN)
    json_object_set_new(line, "modified", json_string(when));
  if (line && part->version)
    json_object_set_new(line, "version", json_safe(part->version));
  if (line && part->skip)
    json_object_set_new(line, "skipped", json_safe(part->skip));
  print_json(out, line, false);
}

static void print_field(FILE *out, const char *text) {
  if (!strpbrk(text, ",\"\r\n")) {
    fputs(text, out);
    return;
  }
  fputc('"', out);
  for (const char *at = text; *at; at++)
    fputs(*at == '"' ? "\"\"" : (const char[]){*at, 0}, out);
  fputc('"', out);
}

static void print_csv_row(FILE *out, const struct level_entry *entry) {
  char when[REPORT_TIME_SIZE] = "";
  if (entry->part.modified != INT64_MIN)
    format_time(entry->part.modified, when);
  print_field(out, entry->shown);
  if (entry->part.size >= 0)
    fprintf(out, ",%" PRId64 ",%s\r\n", entry->part.size, when);
  else
    fprintf(out, ",,%s\r\n", when);
}

/* ---- all ---- */

void listing_print_head(FILE *out, enum listing_form form) {
  if (form == LISTING_CSV)
    fputs("key,size,time\r\n", out);
}

void listing_print(FILE *out, enum listing_form form, const struct level_entry *entry) {
  if (form == LISTING_JSON)
    print_json_object(out, &entry->part);
  else if (form == LISTING_CSV)
    print_csv_row(out, entry);
  else if (entry->folder)
    print_folder(out, entry);
  else
    print_object(out, form, entry);
}
