/* A dry run for people: first whether it passes and why not, then what was seen. */
#include "core/base/quantity.h"
#include "core/cli/plan_print.h"
#include "core/cli/report.h"
#include <inttypes.h>

enum { ERRORS_SHOWN = 10, PAYLOAD_SHOWN = 2000, STREAMS_SHOWN = 20 };

static const char *plural(int64_t n) {
  return n == 1 ? "" : "s";
}

static void print_line(FILE *out, const char *head, const char *text) {
  fprintf(out, "  %-10s", head);
  print_safe(out, text);
  fputs("\n", out);
}

static void print_access(FILE *out, const struct plan *plan) {
  for (size_t i = 0; i < plan->n_findings; i++) {
    const struct plan_finding *f = &plan->findings[i];
    fprintf(out, "  %-10s%-8s", f->kind, f->state > 0 ? "ok" : f->state == 0 ? "FAILED" : "unknown");
    if (f->what && f->what[0]) {
      print_safe(out, f->what);
      fputs(": ", out);
    }
    print_safe(out, f->text);
    fputs("\n", out);
  }
}

/* ---- files and what they take ---- */

static void print_states(FILE *out, const struct plan_files *files, bool read) {
  const char *before = "";
  for (enum plan_state i = 0; i < PLAN_STATES; i++) {
    if (files->states[i].files == 0 || plan_state_is_read(i) != read)
      continue;
    fprintf(out, "%s%" PRId64 " %s", before, files->states[i].files, plan_state_name(i));
    before = ", ";
  }
}

static void print_files(FILE *out, const struct plan_files *files) {
  char size[QUANTITY_TEXT_SIZE];
  int64_t others = files->names - files->read.files;
  if (!files->listed)
    return;
  quantity_print_size(files->read.bytes, size);
  fprintf(out, "  files     %" PRId64 " to read, %s", files->read.files, size);
  if (files->unknown_size)
    fprintf(out, " and %" PRId64 " of unknown size", files->unknown_size);
  fputs(files->read.files ? ": " : "", out);
  print_states(out, files, true);
  fputs("\n", out);
  if (others || files->gone) {
    fputs("            ", out);
    print_states(out, files, false);
    fprintf(out, "%s%" PRId64 " gone\n", others ? ", " : "", files->gone);
  }
  for (size_t i = 0; i < files->n_skips; i++) {
    fprintf(out, "            %" PRId64 " not read: ", files->skips[i].files);
    print_safe(out, files->skips[i].reason);
    fputs("\n", out);
  }
}

/* Those of which something is to be read. */
static void print_streams(FILE *out, const struct plan_files *files) {
  size_t shown = 0, more = 0;
  for (size_t i = 0; i < files->n_streams; i++) {
    const struct plan_stream *stream = &files->streams[i];
    char size[QUANTITY_TEXT_SIZE];
    if (stream->files == 0)
      continue;
    if (shown == STREAMS_SHOWN) {
      more++;
      continue;
    }
    quantity_print_size(stream->bytes, size);
    fputs(shown++ == 0 ? "  streams   " : "            ", out);
    print_safe(out, stream->name);
    fprintf(out, ": %" PRId64 " file%s to read, %s\n", stream->files, plural(stream->files), size);
  }
  if (more)
    fprintf(out, "            and %zu more streams (--json has all)\n", more);
}

static void print_stream_notes(FILE *out, const struct plan_files *files) {
  size_t shown = 0;
  for (size_t i = 0; i < files->n_streams && shown < STREAMS_SHOWN; i++)
    if (files->streams[i].note) {
      shown++;
      print_line(out, "note", files->streams[i].note);
    }
}

static void print_requests(FILE *out, const struct plan_cost *cost) {
  const char *between = "";
  if (cost->lists < 0 && cost->credentials < 0 && cost->sends < 0)
    return;
  fputs("  requests  about", out);
  if (cost->lists >= 0) {
    fprintf(out, " %" PRId64 " to list, %" PRId64 " to read", cost->lists, cost->reads);
    between = ",";
  }
  if (cost->credentials >= 0) {
    fprintf(out, "%s at most %" PRId64 " for credentials", between, cost->credentials);
    between = ",";
  }
  if (cost->sends >= 0)
    fprintf(out, "%s %" PRId64 " to the destination for some %" PRId64 " record%s", between, cost->sends, cost->records,
            plural(cost->records));
  fputs("\n", out);
}

static void print_cost(FILE *out, const struct plan_cost *cost) {
  if (!cost->priced)
    return;
  fprintf(out, "  cost      about %.4g ", cost->total);
  print_safe(out, cost->currency);
  fprintf(out, ": listing %.4g, reading %.4g, transfer %.4g, sending %.4g\n", cost->list_cost, cost->read_cost,
          cost->transfer_cost, cost->send_cost);
}

/* ---- the file looked into ---- */

static void print_part(FILE *out, const struct plan_part *part) {
  char size[QUANTITY_TEXT_SIZE] = "unknown size";
  if (!part->name)
    return;
  if (part->size >= 0)
    quantity_print_size(part->size, size);
  fputs("  looked at ", out);
  print_safe(out, part->name);
  if (part->stream) {
    fputs(" of stream ", out);
    print_safe(out, part->stream);
  }
  fprintf(out, " (%s, %s)\n", plan_state_name(part->state), size);
}

static const char *origin_text(enum plan_origin origin) {
  static const char *const texts[] = {"", "as the ledger remembers it", "inferred from the first files",
                                      "as the mapping wants it: no file told"};
  return texts[origin];
}

static void print_column(FILE *out, const struct plan_column *c) {
  fputs("    ", out);
  print_safe(out, c->name ? c->name : "-");
  fputs(": ", out);
  print_safe(out, c->found ? c->found : c->name ? "not there" : "constant");
  fputs(" -> ", out);
  print_safe(out, c->wanted ? c->wanted : c->found ? c->found : "any");
  if (c->to && (!c->name || strcmp(c->to, c->name) != 0)) {
    fputs(" as ", out);
    print_safe(out, c->to);
  }
  if (c->problem || c->note) {
    fputs(c->problem ? "  PROBLEM: " : "  (", out);
    print_safe(out, c->problem ? c->problem : c->note);
    fputs(c->problem ? "" : ")", out);
  }
  fputs("\n", out);
}

static void print_schema(FILE *out, const struct plan_schema *schema) {
  if (schema->n_columns == 0)
    return;
  fprintf(out, "  schema    %s; column: found -> wanted\n", origin_text(schema->origin));
  for (size_t i = 0; i < schema->n_columns; i++)
    print_column(out, &schema->columns[i]);
}

/* Files that cannot be read are reasons. */
static void print_conflicts(FILE *out, const struct sight *sight) {
  for (size_t i = 0; i < sight->n_notes; i++) {
    const struct sight_note *note = &sight->notes[i];
    if (!note->column)
      continue;
    fputs("    note      column ", out);
    print_safe(out, note->column);
    fputs(": ", out);
    print_safe(out, note->text);
    fputs("\n", out);
  }
}

static void print_error(FILE *out, const struct plan_error *e) {
  fprintf(out, "    row %" PRId64, e->row);
  if (e->offset >= 0)
    fprintf(out, " (byte %" PRId64 ")", e->offset);
  if (e->column) {
    fputs(", ", out);
    print_safe(out, e->column);
  }
  if (e->value) {
    fputs(" = ", out);
    print_safe(out, e->value);
  }
  fprintf(out, ": %s: ", e->code);
  print_safe(out, e->message);
  fputs("\n", out);
}

static void print_errors(FILE *out, const struct plan_sample *sample) {
  size_t shown = sample->n_errors < ERRORS_SHOWN ? sample->n_errors : ERRORS_SHOWN;
  for (size_t i = 0; i < shown; i++)
    print_error(out, &sample->errors[i]);
  if (sample->rejected > (int64_t)shown)
    fprintf(out, "    and %" PRId64 " more\n", sample->rejected - (int64_t)shown);
}

static void print_payload(FILE *out, const char *json) {
  size_t n = strlen(json), shown = n;
  char head[PAYLOAD_SHOWN + 1];
  if (n > PAYLOAD_SHOWN) {
    shown = PAYLOAD_SHOWN;
    while (shown > 0 && ((unsigned char)json[shown] & 0xC0) == 0x80)
      shown--;
  }
  memcpy(head, json, shown < n ? shown : 0);
  head[shown < n ? shown : 0] = 0;
  fputs("    ", out);
  print_safe(out, shown < n ? head : json);
  if (shown < n)
    fprintf(out, "... (%zu bytes)", n);
  fputs("\n", out);
}

static void print_sample(FILE *out, const struct plan_sample *sample, bool filters) {
  if (!sample->looked)
    return;
  char filtered[80] = "";
  if (filters)
    snprintf(filtered, sizeof filtered, ", %" PRId64 " would be left out by where", sample->filtered);
  fprintf(out, "  records   %" PRId64 " looked at, %s; %" PRId64 " would be rejected%s\n", sample->records,
          sample->whole ? "all of the file" : "the first ones (--all-rows looks at all)", sample->rejected, filtered);
  if (sample->keys_cut)
    fputs("            there are too many keys to compare all of them; the first were\n", out);
  print_errors(out, sample);
  if (sample->n_payloads)
    fprintf(out, "  payloads  the first %zu, as the sink would get %s\n", sample->n_payloads,
            sample->n_payloads == 1 ? "it" : "them");
  for (size_t i = 0; i < sample->n_payloads; i++)
    print_payload(out, sample->payloads[i]);
}

void plan_print_text(FILE *out, const struct plan *plan) {
  print_safe(out, plan->job->name);
  if (plan->sink) {
    fputs(" to ", out);
    print_safe(out, plan->sink);
  }
  fputs(plan_passes(plan) ? ": pass\n" : ": fail\n", out);
  for (size_t i = 0; i < plan->n_reasons; i++)
    print_line(out, "because", plan->reasons[i].text);
  print_access(out, plan);
  print_files(out, &plan->files);
  print_streams(out, &plan->files);
  print_stream_notes(out, &plan->files);
  print_requests(out, &plan->cost);
  print_cost(out, &plan->cost);
  print_part(out, &plan->part);
  print_schema(out, &plan->schema);
  print_conflicts(out, &plan->schema.sight);
  print_sample(out, &plan->sample, plan->job->where != NULL);
}
