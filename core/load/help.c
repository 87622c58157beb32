/* Option tables for people. */
#include "core/load/table.h"
#include <inttypes.h>

static void print_table(const struct sluice_options *table, int indent, FILE *out);

static void print_choices(const char *const *choices, FILE *out) {
  for (size_t i = 0; choices[i]; i++)
    fprintf(out, "%s%s", i ? " | " : ": ", choices[i]);
}

static void print_limits(const struct sluice_option *option, FILE *out) {
  if (!option->min && !option->max)
    return;
  const char *unit = option->kind == SLUICE_OPTION_SIZE       ? " bytes"
                     : option->kind == SLUICE_OPTION_DURATION ? " ms"
                                                              : "";
  if (option->max == INT64_MAX)
    fprintf(out, ", at least %" PRId64 "%s", option->min, unit);
  else
    fprintf(out, ", %" PRId64 " to %" PRId64 "%s", option->min, option->max, unit);
}

static void print_option(const struct sluice_option *option, int indent, FILE *out) {
  fprintf(out, "%*s%s  (%s", indent, "", option->name, table_kind_name(option->kind));
  if (option->kind == SLUICE_OPTION_CHOICE)
    print_choices(option->choices, out);
  if (option->flags & SLUICE_OPTION_REQUIRED)
    fputs(", required", out);
  if (option->default_text)
    fprintf(out, ", default %s", *option->default_text ? option->default_text : "\"\"");
  print_limits(option, out);
  fputs(")\n", out);
  if (option->help)
    fprintf(out, "%*s%s\n", indent + 4, "", option->help);
  if (option->group && (option->kind == SLUICE_OPTION_GROUP || option->kind == SLUICE_OPTION_GROUPS))
    print_table(option->group, indent + 4, out);
}

static void print_table(const struct sluice_options *table, int indent, FILE *out) {
  for (size_t i = 0; i < table_count(table); i++) {
    struct sluice_option option;
    table_read(table, i, &option);
    print_option(&option, indent, out);
  }
}

void options_help(const struct sluice_options *table, FILE *out) {
  struct sluice_error err = {0};
  if (options_check(table, &err) != SLUICE_OK)
    fprintf(out, "  %s: %s\n", err.where, err.message);
  else if (table_count(table) == 0)
    fputs("  no options\n", out);
  else
    print_table(table, 2, out);
}
