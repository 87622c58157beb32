/* Numbers and texts of the sample: what each can be, and the type that takes all of them. */
#ifndef JSON_GUESS_SCALAR_H
#define JSON_GUESS_SCALAR_H
#include "guess.h"

void json_guess_number(struct json_guess *g, const char *text, size_t n);
void json_guess_text(struct json_guess *g, const struct json_config *config, const char *text, size_t n);

/* C Data formats; "": it stays JSON. */
const char *json_guess_whole_format(const struct json_guess *g);
/* Of numbers of which some have a fraction or an exponent. */
void json_guess_real_format(const struct json_guess *g, const struct json_config *config, char out[32]);
const char *json_guess_text_format(const struct json_guess *g);

#endif
