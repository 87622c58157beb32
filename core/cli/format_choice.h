/* The formats that a command line asks for: --format, with each --format-option; without it each part is looked at. */
#ifndef CLI_FORMAT_CHOICE_H
#define CLI_FORMAT_CHOICE_H
#include "core/cli/cli.h"
#include "core/run/formats.h"

/* CONFIG: no such format, or a wrong option. */
int format_choice_open(const struct cli *, struct registry *, const struct stop *, struct formats **out,
                       struct sluice_error *err);

#endif
