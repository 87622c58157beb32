/* The table of options. */
#include "csv.h"

static const char *const ragged_choices[] = {"reject", "pad", "truncate", "fit", "error", NULL};
static const char *const bad_choices[] = {"reject", "text", "error", NULL};
static const char *const utf8_choices[] = {"reject", "replace", "error", NULL};
static const char *const end_choices[] = {"any", "lf", "cr", "crlf", NULL};
static const char *const piece_choices[] = {"auto", "scan", "lines", "none", NULL};

static const char *const infer_choices[] = {"sample", "whole", "text", NULL};
static const char *const fraction_choices[] = {"double", "decimal", NULL};

static const struct sluice_option items[] = {
    /* dialect */
    SLUICE_OPTION(struct csv_config, delimiter, SLUICE_OPTION_TEXT, .default_text = "auto",
                  .help = "What stands between fields, 1 to 7 ASCII characters; \"\\t\" is a tab; auto: as found."),
    SLUICE_OPTION(struct csv_config, quote, SLUICE_OPTION_TEXT, .default_text = "auto",
                  .help = "The one ASCII character around quoted fields; empty for none; auto: as found."),
    SLUICE_OPTION(struct csv_config, escape, SLUICE_OPTION_TEXT, .default_text = "auto",
                  .help = "The one ASCII character that makes the next one plain text; empty for none, where quotes "
                          "are doubled; auto: as found."),
    SLUICE_OPTION(struct csv_config, comment, SLUICE_OPTION_TEXT, .default_text = "auto",
                  .help = "What begins a line that is no record, 1 to 7 ASCII characters; empty for none; auto: as "
                          "found."),
    SLUICE_OPTION(struct csv_config, line_end, SLUICE_OPTION_CHOICE, .default_text = "any", .choices = end_choices,
                  .help = "What ends a record: lf, cr, crlf, or any of them, mixed at will."),
    SLUICE_OPTION(struct csv_config, trim, SLUICE_OPTION_BOOL, .default_text = "false",
                  .help = "Whether spaces and tabs around fields are left out."),
    SLUICE_OPTION(struct csv_config, encoding, SLUICE_OPTION_TEXT, .default_text = "auto",
                  .help = "The encoding of the text, by any name that iconv knows, such as latin1, cp1252 or "
                          "shift_jis; auto: UTF-8, or UTF-16 by its byte order mark."),
    SLUICE_OPTION(struct csv_config, header, SLUICE_OPTION_BOOL, .default_text = "true",
                  .help = "Whether there can be a header; if not, columns are named 0, 1, 2 and so on."),
    SLUICE_OPTION(struct csv_config, header_rows, SLUICE_OPTION_INT, .default_text = "-1", .min = CSV_FOUND,
                  .max = CSV_LINES_MAX,
                  .help = "How many records the header has, their names joined by a space; -1: as found."),
    SLUICE_OPTION(struct csv_config, skip_rows, SLUICE_OPTION_INT, .default_text = "-1", .min = CSV_FOUND,
                  .max = CSV_LINES_MAX, .help = "How many lines to skip before the header; -1: as found."),
    SLUICE_OPTION(struct csv_config, skip_footer, SLUICE_OPTION_INT, .default_text = "-1", .min = CSV_FOUND,
                  .max = CSV_LINES_MAX,
                  .help = "How many lines at the end are no records; blank ones do not count; -1: as found, in a part "
                          "that the sample holds whole."),
    /* records */
    SLUICE_OPTION(struct csv_config, ragged, SLUICE_OPTION_CHOICE, .default_text = "reject", .choices = ragged_choices,
                  .help = "A record with too few fields or too many: reject it, pad it with nulls, truncate it, fit "
                          "(pad and truncate), or error: the part fails."),
    SLUICE_OPTION(struct csv_config, lone_quotes, SLUICE_OPTION_CHOICE, .default_text = "reject",
                  .choices = bad_choices,
                  .help = "A record with a quote out of place: reject it, take the quote as text, or error."),
    SLUICE_OPTION(struct csv_config, zero_bytes, SLUICE_OPTION_CHOICE, .default_text = "reject", .choices = bad_choices,
                  .help = "A record with a zero byte: reject it, take it as text, or error."),
    SLUICE_OPTION(struct csv_config, invalid_utf8, SLUICE_OPTION_CHOICE, .default_text = "reject",
                  .choices = utf8_choices,
                  .help = "Text that is not valid in its encoding: reject the record, replace each bad byte by U+FFFD, "
                          "or error."),
    SLUICE_OPTION(struct csv_config, max_line, SLUICE_OPTION_SIZE, .default_text = "64MiB", .min = 1, .max = 1 << 30,
                  .help = "The longest record that is read; a longer one is rejected."),
    SLUICE_OPTION(struct csv_config, pieces, SLUICE_OPTION_CHOICE, .default_text = "auto", .choices = piece_choices,
                  .help = "How a large part is cut: scan: its quotes are read first; lines: at any line end, for none "
                          "is within quotes; none; auto: scan for local files, else none."),
    /* types */
    SLUICE_OPTION(struct csv_config, null_tokens, SLUICE_OPTION_LIST,
                  .help = "Texts that mean null where they are not quoted, such as \"NA\"."),
    SLUICE_OPTION(struct csv_config, sample, SLUICE_OPTION_SIZE, .default_text = "1MiB", .min = 1, .max = 256 << 20,
                  .help = "How much of the start of a part is read to find its dialect and the types of its columns."),
    SLUICE_OPTION(struct csv_config, infer, SLUICE_OPTION_CHOICE, .default_text = "sample", .choices = infer_choices,
                  .help = "How types that are not asked for are found: from the sample, from the whole part, which is "
                          "read twice then, or not at all: all is text."),
    SLUICE_OPTION(struct csv_config, fractions, SLUICE_OPTION_CHOICE, .default_text = "double",
                  .choices = fraction_choices, .help = "What numbers with a decimal point are found to be."),
    SLUICE_OPTION(struct csv_config, decimal_point, SLUICE_OPTION_TEXT, .default_text = ".",
                  .help = "What stands before the fraction of a number: a point or a comma."),
    SLUICE_OPTION(struct csv_config, thousands, SLUICE_OPTION_TEXT,
                  .help = "What may stand between groups of three digits: one of , . ' _ or a space."),
    SLUICE_OPTION(struct csv_config, true_values, SLUICE_OPTION_LIST,
                  .help = "Texts that mean true, such as \"yes\"; by default true, True and TRUE."),
    SLUICE_OPTION(struct csv_config, false_values, SLUICE_OPTION_LIST, .help = "Texts that mean false."),
    SLUICE_OPTION(struct csv_config, date_formats, SLUICE_OPTION_LIST,
                  .help = "Patterns of dates, such as \"%d/%m/%Y\", instead of YYYY-MM-DD."),
    SLUICE_OPTION(struct csv_config, time_formats, SLUICE_OPTION_LIST,
                  .help = "Patterns of times of day, such as \"%I:%M %p\", instead of HH:MM:SS."),
    SLUICE_OPTION(struct csv_config, timestamp_formats, SLUICE_OPTION_LIST,
                  .help = "Patterns of timestamps, such as \"%d/%m/%Y %H:%M\", instead of those of ISO 8601."),
};
const struct sluice_options csv_options = SLUICE_OPTIONS(struct csv_config, items);
