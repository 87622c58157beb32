/* Credentials that a program prints: credential_process of a profile. No shell is asked. */
#include "identity/json.h"
#include "identity/sources.h"
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum { COMMAND_MAX = 16 << 10, ARGUMENTS_MAX = 128, TIMEOUT_MS = 60000, SHOWN_MAX = 300 };

/* ---- the command line ---- */

struct splitter { /* arguments are cut in place: each is never longer than what it is made of */
  char *in, *out;
  char *arguments[ARGUMENTS_MAX + 1];
  size_t n;
};

/* In double quotes a backslash stands for itself except before these. */
static bool escapes(char quote, char next) {
  return next && (quote == 0 || strchr("\"\\$`\n", next) != NULL);
}

/* Copies one argument; false: a quote is not closed. */
static bool take_argument(struct splitter *s) {
  char quote = 0;
  for (; *s->in && (quote || !strchr(" \t\r\n", *s->in)); s->in++) {
    if (quote ? *s->in == quote : *s->in == '"' || *s->in == '\'') {
      quote = quote ? 0 : *s->in;
      continue;
    }
    if (*s->in == '\\' && quote != '\'' && escapes(quote, s->in[1]))
      s->in++;
    *s->out++ = *s->in;
  }
  if (*s->in)
    s->in++;
  *s->out++ = 0;
  return quote == 0;
}

static int split(struct splitter *s, char *command, const char *where, struct sluice_error *err) {
  s->in = s->out = command;
  for (;;) {
    s->in += strspn(s->in, " \t\r\n");
    if (!*s->in)
      break;
    if (s->n == ARGUMENTS_MAX)
      return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "%s: more than %d arguments", where, ARGUMENTS_MAX);
    s->arguments[s->n++] = s->out;
    if (!take_argument(s))
      return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "%s: a quote is not closed", where);
  }
  if (s->n == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "%s is empty", where);
  return SLUICE_OK;
}

/* ---- what it printed ---- */

/* Its output is never shown; what it says on the error stream is. */
static int failed(const struct program_end *end, const char *where, struct sluice_error *err) {
  char said[SHOWN_MAX];
  size_t n = end->err.size;
  while (n && strchr(" \t\r\n", end->err.data[n - 1]))
    n--;
  text_copy_line(said, sizeof said, text_get(&end->err), n);
  return sluice_fail(err, SLUICE_ERR_AUTH, "profile", "%s ended with status %d%s%s; run it by hand to see why", where,
                     end->exit_status, said[0] ? ": " : ", and said nothing", said);
}

static int read_output(const struct fetcher *fetcher, const struct program_end *end, const char *where,
                       struct credentials **out, struct sluice_error *err) {
  char reason[JSON_REASON_SIZE];
  struct json_issuer issuer = {
      .where = where, .now = fetcher->world->now(fetcher->world->context), .account = fetcher->plan->process.account};
  json_t *root = json_read(text_get(&end->out), end->out.size, reason);
  if (!root)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "%s: its output cannot be read: %s", where, reason);
  const json_t *version = json_object_get(root, "Version");
  int status = SLUICE_OK;
  if (!json_is_integer(version) || json_integer_value(version) != 1)
    status = sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "%s: its output has no \"Version\": 1", where);
  else
    status = json_credentials(root, JSON_PROCESS, &issuer, out, err);
  json_finish(root);
  return status;
}

static int run(const struct fetcher *fetcher, struct splitter *s, const char *where, struct credentials **out,
               struct sluice_error *err) {
  const struct world *world = fetcher->world;
  struct program_end end = {.exit_status = 0};
  struct sluice_error own = {.message = ""};
  int status = world->run(world->context, s->arguments, TIMEOUT_MS, &end, &own);
  if (status != SLUICE_OK)
    return sluice_fail(err, status, "profile", "%s: %s", where, own.message);
  status = end.exit_status ? failed(&end, where, err) : read_output(fetcher, &end, where, out, err);
  program_end_finish(&end);
  return status;
}

int source_process(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  const char *command = fetcher->plan->process.command;
  char where[160];
  struct splitter splitter = {.n = 0};
  snprintf(where, sizeof where, "credential_process of profile \"%.100s\"", fetcher->plan->base_profile);
  size_t size = strlen(command) + 1;
  if (size > COMMAND_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "profile", "%s is longer than %d bytes", where, COMMAND_MAX);
  char *copy = strdup(command);
  if (!copy)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for credentials");
  int status = split(&splitter, copy, where, err);
  if (status == SLUICE_OK)
    status = run(fetcher, &splitter, where, out, err);
  OPENSSL_cleanse(copy, size);
  free(copy);
  return status;
}
