/* Arrow streams and files in memory, read by the plugin. */
#ifndef IPC_COMPARE_ARROW_SIDE_H
#define IPC_COMPARE_ARROW_SIDE_H
#include "format.h"
#include "input.h"

struct arrow_side {
  struct arrow_config config;
  struct arrow_format *self;
  struct sluice_reader reader;
};
extern int arrow_side_cancelled; /* what the host of the tests answers */
extern char arrow_side_log[512]; /* the last line that was logged */
const struct sluice_format *arrow_side_format(void);
/* The defaults of the options. */
struct arrow_config arrow_side_config(void);
/* Opens an instance with side->config and a reader. */
int arrow_side_open(struct arrow_side *side, struct test_input *input, const struct sluice_scan *scan,
                    struct sluice_error *err);
void arrow_side_close(struct arrow_side *side);

#endif
