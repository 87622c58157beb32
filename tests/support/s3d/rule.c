/* One line of a fault script. */
#include "rule.h"
#include "garbage.h"
#include "hostile.h"
#include "text.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RULES_LIMIT = 1000, WORDS_LIMIT = 12, LINE_LIMIT = 1024 };

enum argument { NO_ARGUMENT, NUMBER, MAYBE_NUMBER, WORD, MAYBE_WORD, WORD_MAYBE_NUMBER, NUMBER_WORD };

static const struct {
  const char *name;
  enum argument takes;
  int64_t preset; /* of a number that is left out */
} actions[FAULT_ACTIONS] = {
    [FAULT_NONE] = {"", NO_ARGUMENT, 0},
    [FAULT_ERROR] = {"error", NUMBER_WORD, 0},
    [FAULT_SLOWDOWN] = {"slowdown", MAYBE_NUMBER, -1},
    [FAULT_INTERNAL] = {"internal-error", NO_ARGUMENT, 0},
    [FAULT_ERROR_IN_200] = {"error-in-200", MAYBE_WORD, 0},
    [FAULT_CUT] = {"cut", NUMBER, 0},
    [FAULT_CUT_RANDOM] = {"cut-random", NUMBER, 0},
    [FAULT_DROP] = {"drop", NO_ARGUMENT, 0},
    [FAULT_SLOW] = {"slow", NUMBER, 0},
    [FAULT_HANG] = {"hang", MAYBE_NUMBER, 3600000},
    [FAULT_HANG_MID] = {"hang-mid", NUMBER, 0},
    [FAULT_DELAY] = {"delay", NUMBER, 0},
    [FAULT_WRONG_RANGE] = {"wrong-content-range", MAYBE_NUMBER, 1},
    [FAULT_IGNORE_RANGE] = {"ignore-range", NO_ARGUMENT, 0},
    [FAULT_WRONG_REGION] = {"wrong-region", WORD_MAYBE_NUMBER, 400},
    [FAULT_EXPIRED] = {"expired-token", NO_ARGUMENT, 0},
    [FAULT_EXPIRED_MID] = {"expired-mid", NUMBER, 0},
    [FAULT_CLOCK_SKEW] = {"clock-skew", NUMBER, 0},
    [FAULT_CHANGE] = {"change", NO_ARGUMENT, 0},
    [FAULT_GONE] = {"gone", NO_ARGUMENT, 0},
    [FAULT_BROKEN_XML] = {"broken-xml", NO_ARGUMENT, 0},
    [FAULT_UNORDERED] = {"unordered", NO_ARGUMENT, 0},
    [FAULT_REPEAT_TOKEN] = {"repeat-token", NO_ARGUMENT, 0},
    [FAULT_HUGE_LENGTH] = {"huge-length", MAYBE_NUMBER, (int64_t)1 << 50},
    [FAULT_RESET] = {"reset", MAYBE_NUMBER, 0},
    [FAULT_CORRUPT] = {"corrupt", MAYBE_NUMBER, 0},
    [FAULT_WRONG_CHECKSUM] = {"wrong-checksum", NO_ARGUMENT, 0},
    [FAULT_EMPTY_PAGE] = {"empty-page", NO_ARGUMENT, 0},
    [FAULT_IGNORE_START] = {"ignore-start-after", NO_ARGUMENT, 0},
    [FAULT_IGNORE_ENCODING] = {"ignore-encoding", NO_ARGUMENT, 0},
    [FAULT_GARBAGE] = {"garbage", WORD, 0},
    [FAULT_HOSTILE] = {"hostile", WORD, 0},
};

const char *faults_action_name(enum fault_action a) {
  return actions[a].name;
}

static bool read_number(const char *word, int64_t *out) {
  char *end = NULL;
  errno = 0;
  long long v = word ? strtoll(word, &end, 10) : 0;
  if (!word || end == word || *end || errno)
    return false;
  *out = v;
  return true;
}

static bool read_match(const char *word, struct rule *r) {
  size_t n = strcspn(word, ":");
  bool found = r->any = n == 3 && memcmp(word, "ANY", 3) == 0;
  for (int op = 0; op < OPERATIONS && !found; op++)
    if (strlen(faults_operation_name((enum operation)op)) == n &&
        memcmp(faults_operation_name((enum operation)op), word, n) == 0) {
      r->op = (enum operation)op;
      found = true;
    }
  return found && text_copy(r->glob, sizeof r->glob, word[n] ? word + n + 1 : "*");
}

/* times=N, skip=N, every=N */
static bool read_modifier(const char *word, struct rule *r) {
  const char *equals = strchr(word, '=');
  int64_t n = 0;
  if (!equals || !read_number(equals + 1, &n) || n < 0)
    return false;
  if (strncmp(word, "times=", 6) == 0)
    r->times = (uint64_t)n;
  else if (strncmp(word, "skip=", 5) == 0)
    r->skip = (uint64_t)n;
  else if (strncmp(word, "every=", 6) == 0 && n > 0)
    r->every = (uint64_t)n;
  else
    return false;
  return true;
}

static const char *read_arguments(char **words, size_t count, struct fault *fault) {
  enum argument takes = actions[fault->action].takes;
  bool word_first = takes == WORD || takes == MAYBE_WORD || takes == WORD_MAYBE_NUMBER;
  const char *number = word_first ? (count > 1 ? words[1] : NULL) : (count > 0 ? words[0] : NULL);
  const char *word = word_first ? (count > 0 ? words[0] : NULL) : (count > 1 ? words[1] : NULL);
  bool number_must = takes == NUMBER || takes == NUMBER_WORD,
       word_must = takes == WORD || takes == NUMBER_WORD || takes == WORD_MAYBE_NUMBER;
  size_t most = takes == NO_ARGUMENT ? 0 : takes == WORD_MAYBE_NUMBER || takes == NUMBER_WORD ? 2 : 1;
  fault->number = actions[fault->action].preset;
  if (count > most)
    return "too many arguments";
  if ((number_must && !number) || (word_must && !word))
    return "an argument is missing";
  if (number && !read_number(number, &fault->number))
    return "not a whole number";
  if (number && fault->number < 0 && fault->action != FAULT_CLOCK_SKEW && fault->action != FAULT_WRONG_RANGE)
    return "a number below zero";
  if (word && !text_copy(fault->text, sizeof fault->text, word))
    return "a word that is too long";
  return NULL;
}

static const char *check_arguments(const struct fault *fault) {
  if (fault->action == FAULT_GARBAGE && !garbage_is_known(fault->text))
    return "garbage is bytes, html, deep, doctype, text or empty";
  if (fault->action == FAULT_HOSTILE && !hostile_is_known(fault->text))
    return "hostile is headers, header-line, interim, body, error-body or not-http";

  if (fault->action == FAULT_ERROR && (fault->number < 400 || fault->number > 599))
    return "the status of an error is 400 to 599";
  if (fault->action == FAULT_SLOW && fault->number < 1)
    return "slow takes bytes a second, 1 or more";
  if (fault->action == FAULT_WRONG_REGION && fault->number != 301 && fault->number != 307 && fault->number != 400)
    return "wrong-region answers 301, 307 or 400";
  return NULL;
}

static bool find_action(const char *word, enum fault_action *out) {
  for (int a = FAULT_NONE + 1; a < FAULT_ACTIONS; a++)
    if (strcmp(actions[a].name, word) == 0) {
      *out = (enum fault_action)a;
      return true;
    }
  return false;
}

/* NULL when the line is good; else what is wrong with it. */
static const char *read_line(char **words, size_t count, struct rule *r) {
  if (!read_match(words[0], r))
    return "it starts with LIST, VERSIONS, GET, HEAD, TAGS, PUT, DELETE, STS or ANY, and may go on with :GLOB";
  if (count < 2 || !find_action(words[1], &r->fault.action))
    return "the second word must be an action; s3d --help lists them";
  while (count > 2 && strchr(words[count - 1], '='))
    if (!read_modifier(words[--count], r))
      return "only times=N, skip=N and every=N may follow";
  const char *wrong = read_arguments(words + 2, count - 2, &r->fault);
  return wrong ? wrong : check_arguments(&r->fault);
}

static size_t split(char *line, char **words) {
  char *save = NULL;
  size_t n = 0;
  line[strcspn(line, "#\r\n")] = '\0';
  for (char *w = strtok_r(line, " \t", &save); w && n < WORDS_LIMIT; w = strtok_r(NULL, " \t", &save))
    words[n++] = w;
  return n;
}

bool rules_read(const char *path, struct rule **rules, size_t *count, char *message, size_t size) {
  char line[LINE_LIMIT], *words[WORDS_LIMIT];
  const char *wrong = NULL;
  FILE *file = fopen(path, "r");
  struct rule *list = calloc(RULES_LIMIT, sizeof *list);
  size_t n = 0;
  int number = 0;
  if (!file || !list)
    wrong = file ? "out of memory" : strerror(errno);
  while (!wrong && fgets(line, sizeof line, file)) {
    number++;
    if (!strchr(line, '\n') && !feof(file)) {
      wrong = "the line is too long";
      break;
    }
    size_t word_count = split(line, words);
    if (word_count == 0)
      continue;
    if (n == RULES_LIMIT)
      wrong = "more than 1000 faults";
    else
      wrong = read_line(words, word_count, &list[n]);
    if (!wrong)
      list[n++].fault.line = number;
  }
  if (file)
    fclose(file);
  if (wrong) {
    snprintf(message, size, "%s:%d: %s", path, number, wrong);
    free(list);
    return false;
  }
  *rules = list;
  *count = n;
  return true;
}

bool rule_matches(const struct rule *r, enum operation op, const char *key) {
  return (r->any || r->op == op) && fnmatch(r->glob, key, 0) == 0;
}

bool rule_is_due(struct rule *r) {
  if (r->times > 0 && r->fired >= r->times && !r->expire_next)
    return false;
  uint64_t turn = r->matched++;
  if (r->expire_next)
    return true;
  return turn >= r->skip && (r->every == 0 || (turn - r->skip) % r->every == 0);
}
