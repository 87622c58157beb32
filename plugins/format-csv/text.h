/* The text of a part: its input, decoded, and without its footer. */
#ifndef CSV_TEXT_H
#define CSV_TEXT_H
#include "footer.h"
#include "recode.h"

struct csv_text_source {
  struct csv_recode *recode; /* NULL: the bytes are UTF-8, or taken for it */
  struct csv_footer *footer; /* NULL: there is none */
  struct csv_window window;  /* at the start of the text, behind the byte order mark */
  char encoding[48];
};

/* The input stays the caller's, and must outlive the source. Each window can hold the longest record and the
 * sample. */
int csv_text_open(struct csv_text_source *text, struct sluice_input *in, const struct csv_config *config,
                  struct sluice_error *err);
void csv_text_close(struct csv_text_source *text);

#endif
