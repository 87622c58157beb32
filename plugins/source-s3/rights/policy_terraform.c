/* Resources of the AWS provider for Terraform. */
#include "rights/policy_terraform.h"
#include "rights/policy_document.h"
#include "rights/policy_hcl.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

struct writing {
  const struct policy_plan *plan;
  struct text *out;
  char id[80];   /* what the names of the resources at hand begin with */
  size_t number; /* of the identity at hand, from 1 */
  bool failed;   /* a document could not be made */
};

/* ---- names ---- */

/* What may not be in such a name becomes `filler`. */
static void make_name(const char *text, const char *allowed, char filler, char *out, size_t size) {
  size_t n = 0;
  for (; text[n] && n < size - 1; n++)
    out[n] = strchr(allowed, text[n]) ? text[n] : filler;
  out[n] = 0;
}

/* number: of several; the first has none. */
static void choose_id(struct writing *w, const char *what, size_t number) {
  char job[48];
  make_name(w->plan->job, LETTERS DIGITS "_-", '_', job, sizeof job);
  const char *start = job[0] && strchr(LETTERS, job[0]) ? "" : "job_"; /* a letter comes first */
  snprintf(w->id, sizeof w->id, number > 1 ? "%s%s%s_%zu" : "%s%s%s", start, job, what, number);
}

/* An account has one policy of a name. */
static void put_iam_name(struct writing *w, const char *suffix) {
  char job[32], number[24] = "", name[80];
  make_name(w->plan->job, LETTERS DIGITS "+=,.@_-", '-', job, sizeof job);
  if (w->number > 1)
    snprintf(number, sizeof number, "-%zu", w->number);
  snprintf(name, sizeof name, "sluice-%s%s%s", job, number, suffix);
  hcl_put_string(w->out, name);
}

/* ---- comments ---- */

static void put_comment(struct text *out, const char *line) {
  text_puts(out, "# ");
  for (const char *at = line; *at; at++) {
    bool control = (unsigned char)*at < 0x20 || *at == 0x7f;
    text_add(out, control ? " " : at, 1);
  }
  text_puts(out, "\n");
}

static void put_notes(struct writing *w) {
  json_t *note, *notes = policy_notes(w->plan);
  size_t i;
  w->failed |= !notes;
  put_comment(w->out, "The least rights of a job of Sluice.");
  json_array_foreach(notes, i, note) put_comment(w->out, json_string_value(note));
  text_puts(w->out, "\n");
  json_decref(notes);
}

/* What is written between the two becomes a comment. */
static struct text *begin_comment(struct writing *w, struct text *room) {
  struct text *out = w->out;
  *room = (struct text){.limit = out->limit};
  w->out = room;
  return out;
}

static void end_comment(struct writing *w, struct text *out) {
  struct text *room = w->out;
  for (const char *at = text_get(room); *at;) {
    size_t n = strcspn(at, "\n");
    text_puts(out, n ? "# " : "");
    text_add(out, at, n);
    text_puts(out, "\n");
    at += at[n] ? n + 1 : n;
  }
  out->failed |= room->failed;
  text_finish(room);
  w->out = out;
}

/* ---- resources ---- */

static void open_resource(struct writing *w, const char *type, const char *suffix) {
  text_printf(w->out, "resource \"%s\" \"%s%s\" {\n", type, w->id, suffix);
}

/* The last member; closes the resource. */
static void put_document(struct writing *w, const char *name, json_t *document) {
  w->failed |= !document;
  text_printf(w->out, "  %s = jsonencode(", name);
  if (document)
    hcl_put_value(w->out, document, 2);
  text_puts(w->out, ")\n}\n\n");
  json_decref(document);
}

static void put_policy(struct writing *w, const char *suffix, const char *name_suffix, json_t *document) {
  open_resource(w, "aws_iam_policy", suffix);
  text_puts(w->out, "  name = ");
  put_iam_name(w, name_suffix);
  text_puts(w->out, "\n");
  put_document(w, "policy", document);
}

/* Whom the policies of an identity without a role are for: a user, or the role that its machine has. */
static const char *reader_kind(const struct writing *w) {
  const char *arn = w->plan->principal;
  bool role = w->plan->principal_known && (strstr(arn, ":role/") || strstr(arn, ":assumed-role/"));
  return role ? "role" : "user";
}

/* Its name, where the ARN has one: arn:aws:iam::111122223333:user/PATH/NAME; of a session it is the role's. "": none.
 */
static void put_reader_name(struct writing *w) {
  static const char *const kinds[] = {":user/", ":role/", ":assumed-role/"};
  const char *arn = w->plan->principal_known ? w->plan->principal : "", *name = NULL;
  char copy[256];
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !name; i++)
    name = strstr(arn, kinds[i]);
  if (!name)
    return;
  bool session = strncmp(name, kinds[2], strlen(kinds[2])) == 0;
  name = session ? name + strlen(kinds[2]) : strrchr(name, '/') + 1;
  snprintf(copy, sizeof copy, "%.*s", (int)(session ? strcspn(name, "/") : strlen(name)), name);
  if (!copy[0])
    return;
  text_puts(w->out, "  default     = ");
  hcl_put_string(w->out, copy);
  text_puts(w->out, "\n");
}

static void put_reader(struct writing *w) {
  const char *kind = reader_kind(w);
  text_printf(w->out, "variable \"%s_%s\" {\n", w->id, kind);
  text_printf(w->out, "  description = \"Name of the IAM %s that reads\"\n  type        = string\n", kind);
  put_reader_name(w);
  text_puts(w->out, "}\n\n");
}

static void put_attached_policy(struct writing *w, const char *suffix, const char *name_suffix, json_t *document) {
  const char *kind = reader_kind(w);
  char type[64];
  snprintf(type, sizeof type, "aws_iam_%s_policy_attachment", kind);
  put_policy(w, suffix, name_suffix, document);
  open_resource(w, type, suffix);
  text_printf(w->out, "  %s       = var.%s_%s\n", kind, w->id, kind);
  text_printf(w->out, "  policy_arn = aws_iam_policy.%s%s.arn\n}\n\n", w->id, suffix);
}

static void put_role_policy(struct writing *w, const char *suffix, const char *name_suffix, json_t *document) {
  open_resource(w, "aws_iam_role_policy", suffix);
  text_puts(w->out, "  name = ");
  put_iam_name(w, name_suffix);
  text_printf(w->out, "\n  role = aws_iam_role.%s.id\n", w->id);
  put_document(w, "policy", document);
}

/* Name and path of arn:aws:iam::111122223333:role/PATH/NAME. */
static void put_role(struct writing *w, size_t first) {
  const struct s3_place *place = &w->plan->places[first].options;
  const char *kind = strstr(place->role_arn, ":role/"), *name = strrchr(place->role_arn, '/');
  const char *path = kind ? kind + strlen(":role") : NULL;
  int64_t seconds = place->duration > 3600000 ? (place->duration + 999) / 1000 : 3600;
  struct text folder = {0};
  if (path && name > path)
    text_add(&folder, path, (size_t)(name - path) + 1);
  open_resource(w, "aws_iam_role", "");
  text_puts(w->out, "  name                 = ");
  hcl_put_string(w->out, name ? name + 1 : place->role_arn);
  text_puts(w->out, "\n  path                 = ");
  hcl_put_string(w->out, folder.size ? text_get(&folder) : "/");
  text_printf(w->out, "\n  max_session_duration = %lld\n", (long long)seconds);
  put_document(w, "assume_role_policy", policy_trust(w->plan, first));
  w->out->failed |= folder.failed;
  text_finish(&folder);
}

static void put_kms(struct writing *w, size_t first, bool role) {
  struct text room;
  if (w->plan->options->sse_customer_key.handle)
    return;
  struct text *out = begin_comment(w, &room);
  if (role)
    put_role_policy(w, "_kms", "-kms", policy_kms(w->plan, first));
  else
    put_attached_policy(w, "_kms", "-kms", policy_kms(w->plan, first));
  end_comment(w, out);
}

static void put_caller(struct writing *w, size_t first) {
  struct text room;
  put_comment(w->out,
              "Where the role belongs to another account than who assumes it, for that account (in the role's own "
              "the trust policy is enough, if it names who assumes it):");
  struct text *out = begin_comment(w, &room);
  put_policy(w, "_caller", "-caller", policy_caller(w->plan, first));
  end_comment(w, out);
}

static void put_identity(struct writing *w, size_t first, size_t number) {
  bool role = w->plan->places[first].options.role_arn;
  w->number = number;
  choose_id(w, "", number);
  if (role) {
    put_role(w, first);
    put_role_policy(w, "", "", policy_identity(w->plan, first));
    put_kms(w, first, true);
    put_caller(w, first);
  } else {
    put_reader(w);
    put_attached_policy(w, "", "", policy_identity(w->plan, first));
    put_kms(w, first, false);
  }
}

/* ---- buckets ---- */

static void put_tags(struct writing *w, size_t first) {
  json_t *tag, *tags = policy_tags(w->plan, first);
  size_t i;
  w->failed |= !tags;
  json_array_foreach(json_object_get(tags, "TagSet"), i, tag) {
    struct text line = {0};
    text_puts(&line, "Tag that the bucket must have: ");
    hcl_put_string(&line, json_string_value(json_object_get(tag, "Key")));
    text_puts(&line, " = ");
    hcl_put_string(&line, json_string_value(json_object_get(tag, "Value")));
    put_comment(w->out, text_get(&line));
    text_finish(&line);
  }
  json_decref(tags);
}

static void put_bucket_policy(struct writing *w, size_t first) {
  const struct policy_place *place = &w->plan->places[first];
  const char *member = place->access_point ? "access_point_arn" : "bucket";
  open_resource(w, place->access_point ? "aws_s3control_access_point_policy" : "aws_s3_bucket_policy", "");
  text_printf(w->out, "  %s = ", member);
  hcl_put_string(w->out, place->bucket);
  text_puts(w->out, "\n");
  put_document(w, "policy", policy_bucket(w->plan, first));
}

/* In the account of its reader a bucket needs no policy, and one put there would replace what is there. */
static void put_bucket(struct writing *w, size_t first, size_t number) {
  struct text room;
  choose_id(w, "_bucket", number);
  put_tags(w, first);
  put_comment(w->out, w->plan->options->anonymous
                          ? "For who owns the bucket: it lets everybody read. It replaces the policy that the bucket "
                            "has: add the statements of that one."
                          : "Only where the bucket belongs to another account than its reader, for that account. It "
                            "replaces the policy that the bucket has: add the statements of that one.");
  struct text *out = begin_comment(w, &room);
  put_bucket_policy(w, first);
  end_comment(w, out);
}

int policy_terraform(const struct policy_plan *plan, struct text *out, struct sluice_error *err) {
  struct writing w = {plan, out, "", 1, false};
  size_t identities = 0, buckets = 0;
  put_notes(&w);
  for (size_t i = 0; i < plan->count && !plan->options->anonymous; i++)
    if (policy_starts_identity(plan, i))
      put_identity(&w, i, ++identities);
  for (size_t i = 0; i < plan->count; i++)
    if (policy_starts_bucket(plan, i))
      put_bucket(&w, i, ++buckets);
  while (out->size && out->data[out->size - 1] == '\n')
    out->data[--out->size] = 0;
  text_puts(out, "\n");
  if (w.failed || out->failed)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the policy, or it is too long");
  return SLUICE_OK;
}
