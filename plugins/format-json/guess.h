/* What values there were at a place of the sample's records, and the type that takes them all. */
#ifndef JSON_GUESS_H
#define JSON_GUESS_H
#include "run.h"

enum { /* bits of json_guess.seen */
       JSON_SEEN_NULL = 1,
       JSON_SEEN_BOOL = 2,
       JSON_SEEN_WHOLE = 4, /* a number without fraction and exponent */
       JSON_SEEN_REAL = 8,
       JSON_SEEN_TEXT = 16,
       JSON_SEEN_OBJECT = 32,
       JSON_SEEN_LIST = 64,
       JSON_SEEN_OTHER = 128 /* what no type takes: numbers out of range, values nested too deep */
};
enum { /* bits of json_guess.times: what each text so far can be read as */
       JSON_TIME_DATE = 1,
       JSON_TIME_STAMP = 2, /* in microseconds */
       JSON_TIME_STAMP_UTC = 4,
       JSON_TIME_STAMP_NANO = 8,
       JSON_TIME_STAMP_UTC_NANO = 16,
       JSON_TIME_CLOCK = 32,
       JSON_TIME_CLOCK_NANO = 64,
       JSON_TIME_ALL = 127
};
struct json_guess;
struct json_guess_member {
  char *name;
  size_t size;
  struct json_guess *guess;
};
struct json_guess {
  uint8_t seen, times;
  bool negative;                     /* a whole number is below zero */
  bool inexact;                      /* a number that a double would change */
  bool words;                        /* NaN or an infinity, which no decimal can be */
  bool over;                         /* a whole number does not fit int64 */
  bool over_unsigned;                /* one does not fit uint64 */
  bool crowded;                      /* an object of so many names that they are no columns */
  uint32_t whole, scale;             /* of all numbers: the most digits before the point, and behind it */
  struct json_guess_member *members; /* in the order in which they came */
  uint32_t *sorted;
  uint32_t count, room, near;
  struct json_guess *item;
};
struct json_guessing {
  struct json_run *run;
  const struct json_config *config;
  uint32_t columns; /* guesses made so far */
};

void json_guess_destroy(struct json_guess *g); /* takes NULL */
/* Looks at the record of the run, if it is JSON; *looked tells. want: the fields to look at; NULL: all. MEMORY. */
int json_guess_record(struct json_guessing *s, struct json_guess *g, const struct ArrowSchema *want, bool *looked);
/* NULL: no such member. */
const struct json_guess *json_guess_member_of(const struct json_guess *g, const char *name);
/* True if a value that is wanted like this needs a guess: its type, or one within, is left open. */
bool json_guess_needed(const struct ArrowSchema *want);
/* True if the column is text that takes values of other kinds too: nothing was seen, or texts beside other scalars. */
bool json_guess_is_loose(const struct json_guess *g); /* takes NULL */
/* The C Data format: of a struct "+s", of a list "+l", of what stays JSON "". */
void json_guess_format(const struct json_guess *g, const struct json_config *config, char out[32]);

#endif
