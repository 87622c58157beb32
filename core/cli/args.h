/* The words of a command line: options, known from tables, and the others. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H
#include <sluice/sdk.h>
#include <stdbool.h>

struct args_option {
  const char *name;  /* "limit" is --limit */
  char letter;       /* 'o' is -o; 0: none */
  const char *value; /* what stands for its value in the help, such as "N"; NULL: it takes none */
  const char *help;
};
struct args_table {
  const struct args_option *items;
  size_t count;
};
#define ARGS_TABLE(items_)                                                                                             \
  { items_, sizeof(items_) / sizeof((items_)[0]) }

struct args_found {
  const struct args_option *option;
  const char *value; /* NULL where it takes none */
};
struct args { /* zeroed is empty; texts are borrowed from the words read */
  struct args_found *found;
  const char **words;
  size_t found_count, word_count;
};

/* Reads options up to the first other word; *used words were read. CONFIG: an unknown option (err has the nearest), a
 * value that is missing or not taken. */
int args_read_leading(struct args *, const struct args_table *tables, size_t n, const char *const *words, size_t count,
                      size_t *used, struct sluice_error *err);
/* Reads all words; behind "--" none is an option. */
int args_read(struct args *, const struct args_table *tables, size_t n, const char *const *words, size_t count,
              struct sluice_error *err);
void args_finish(struct args *);

bool args_has(const struct args *, const char *name);
const char *args_value(const struct args *, const char *name); /* the last one given; NULL: none */
/* Value i of an option that may be repeated; NULL: there are no more. */
const char *args_value_at(const struct args *, const char *name, size_t i);
/* A whole number that is not negative; *out stays as it is where the option is absent. CONFIG: it is none. */
int args_count(const struct args *, const char *name, int64_t *out, struct sluice_error *err);
/* Index of the value among the choices (ended by NULL), the first where it is absent. CONFIG: none of them. */
int args_choice(const struct args *, const char *name, const char *const *choices, int *out, struct sluice_error *err);

#endif
