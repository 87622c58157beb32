/* From text to a tree of values, by libconfig. Private to core/config. */
#ifndef CONFIG_READ_H
#define CONFIG_READ_H
#include "core/config/value.h"

/* `name` is the file for messages; files that it includes are looked for in `folder`. */
int read_config_text(const char *name, const char *folder, const char *text, size_t size, struct config_value **out,
                     struct sluice_error *err);
int read_config_file(const char *path, struct config_value **out, struct sluice_error *err);

/* libconfig cuts whole numbers to 32 bits without a word unless they end in L. False: there is one that it would
 * change; *line and token say which. */
bool numbers_fit(const char *text, int *line, char token[40]);

#endif
