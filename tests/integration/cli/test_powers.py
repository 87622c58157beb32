"""check and policy with a source that has the powers: one made for this test."""
import json
import os
import shutil
import subprocess
import unittest

from program import ProgramTest

INCLUDE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../sdk/include"))
PLUGIN = r'''
#include <sluice/sdk.h>
#include <sluice/services.h>

struct config { struct sluice_list findings; struct sluice_secret key; int64_t code; const char *message; };
static const struct sluice_option items[] = {
    SLUICE_OPTION(struct config, findings, SLUICE_OPTION_LIST, .help = "STATE WHAT TEXT"),
    SLUICE_OPTION(struct config, key, SLUICE_OPTION_SECRET, .help = "A secret."),
    SLUICE_OPTION(struct config, code, SLUICE_OPTION_INT, .default_text = "0", .min = -10, .max = 1, .help = "Code."),
    SLUICE_OPTION(struct config, message, SLUICE_OPTION_TEXT, .help = "Message."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct config, items);
static struct config kept;

static int open_it(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  char secret[64];
  kept = *(const struct config *)config;
  if (kept.key.handle)
    host->secret(host, kept.key, secret, sizeof secret, err);
  *self = &kept;
  return 0;
}
static void close_it(void *self) { (void)self; }
static int list(void *self, const char *after, struct sluice_error *err) { (void)self, (void)after, (void)err; return 0; }
static int next(void *self, struct sluice_part *out, struct sluice_error *err) { (void)self, (void)out, (void)err; return SLUICE_END; }
static int open_part(void *self, const struct sluice_part *part, struct sluice_part *opened, struct sluice_input *out, struct sluice_error *err) {
  (void)self, (void)part, (void)opened, (void)out;
  return sluice_fail(err, SLUICE_ERR_NOT_FOUND, "", "nothing");
}
static int check(void *self, char *found, size_t size, struct sluice_error *err) { (void)self, (void)found, (void)size; return sluice_fail(err, SLUICE_ERR_BUG, "", "report comes first"); }
static int report(void *self, struct sluice_findings *findings, struct sluice_error *err) {
  struct config *config = self;
  for (size_t i = 0; i < config->findings.count; i++) {
    char state[16], what[64], text[512];
    if (sscanf(config->findings.items[i], "%15s %63s %511[^\n]", state, what, text) != 3)
      return SLUICE_ERR_BUG;
    int code = findings->add(findings, state[0] == 'g' ? 1 : state[0] == 'b' ? 0 : -1, what, text, err);
    if (code)
      return code;
  }
  return config->message ? sluice_fail(err, (int)config->code, "", "%s", config->message) : (int)config->code;
}
static int write_it(void *self, const char *form, const char *principal, struct sluice_text_out *out, struct sluice_error *err) {
  struct config *config = self;
  char line[256];
  snprintf(line, sizeof line, "form %s, principal %s\n", form, principal ? principal : "-");
  int code = out->put(out, line, strlen(line), err);
  return code ? code : config->message ? sluice_fail(err, (int)config->code, "", "%s", config->message) : 0;
}
static const void *extension(const char *id) {
  static const struct sluice_check checks = {sizeof checks, 0, check, report};
  static const struct sluice_policy policies = {sizeof policies, 0, write_it};
  return strcmp(id, SLUICE_CHECK) == 0 ? (const void *)&checks : strcmp(id, SLUICE_POLICY) == 0 ? &policies : NULL;
}
static const struct sluice_base base = {.struct_size = sizeof base, .kind = SLUICE_SOURCE, .name = "probe", .version = "1.0.0",
  .help = "A probe.", .options = &options, .extension = extension};
static const struct sluice_source component = {.struct_size = sizeof component, .base = &base, .open = open_it, .close = close_it,
  .list = list, .next_part = next, .open_part = open_part};
SLUICE_PLUGIN(SLUICE_SOURCE, "source probe 1.0.0\n", &component)
'''


class PowersTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("cc"):
            raise unittest.SkipTest("skipped: there is no C compiler")

    def setUp(self):
        super().setUp()
        self.write("p.c", PLUGIN)
        self.plugins = os.path.join(self.folder, "plugins")
        os.mkdir(self.plugins, 0o755)
        target = os.path.join(self.plugins, "source-probe.so")
        subprocess.run(["cc", "-std=c11", "-shared", "-fPIC", "-I", INCLUDE, "-o", target, os.path.join(self.folder, "p.c")],
                       check=True)
        os.chmod(target, 0o755)

    def job(self, options="", jobs=1):
        job = '''job%d = { source = { type = "probe"; %s };
  mapping = ( { from = "a"; to = "b"; } );
  sink = { type = "file"; path = "out.ndjson"; }; };\n'''
        self.write("job.conf", 'ledger = "ledger";\njobs = {\n' +
                   "".join(job % (i, options) for i in range(jobs)) + "};\n")

    def run_it(self, status, *words, **more):
        return self.expect(status, *words, "--plugin-dir", self.plugins, **more)

    def test_findings(self):
        self.job('findings = [ "g ListThings 3 things are there", "unknown Decrypt no encrypted thing to try" ];')
        done = self.run_it(0, "check", "job.conf")
        self.assertEqual(done.lines[:4], ["job0: source probe: ok       ListThings: 3 things are there",
                                          "job0: source probe: unknown  Decrypt: no encrypted thing to try",
                                          "job0: format auto: each part is looked at", "job0: mapping: 1 rule; there is no file yet to compare them with"])
        self.assertIn("job0: sink file, file: ", done.lines[4])
        self.assertEqual((len(done.lines), done.errors), (5, ""))

    def test_bad_findings(self):
        findings = 'findings = [ "b ReadThings 403, allow svc:Read", "g ListThings fine" ]; '
        for code, status in ((-2, 5), (-1, 2), (-6, 4), (0, 4)):
            self.job(findings + "code = %d;" % code)
            done = self.run_it(status, "check", "job.conf")
            self.assertEqual(done.lines[:2], ["job0: source probe: FAILED   ReadThings: 403, allow svc:Read",
                                              "job0: source probe: ok       ListThings: fine"])
            self.assertIn("sink file", done.text, "the sink was not checked")
            self.assertEqual(done.errors, "")
        self.job(findings + 'code = -2; message = "refused";')
        self.assertEqual(self.run_it(5, "check", "job.conf").errors, "sluice: job0: refused\n")
        self.job("code = -2;")
        self.assertIn("gave no reason", self.run_it(5, "check", "job.conf").errors)
        self.job()
        self.assertEqual(self.run_it(0, "check", "job.conf").lines[0], "job0: source probe: ok")

    def test_findings_as_json(self):
        self.job('findings = [ "b ReadThings 403", "u Decrypt who knows" ]; code = -2;')
        found = [json.loads(line) for line in self.run_it(5, "check", "job.conf", "--json").lines]
        self.assertEqual(found[0], {"job": "job0", "kind": "source", "type": "probe", "state": "failed",
                                    "what": "ReadThings", "text": "403"})
        self.assertEqual(found[1]["state"], "unknown")
        self.assertEqual([(f["kind"], f["state"]) for f in found[2:]], [("format", "ok"), ("mapping", "ok"), ("sink", "ok")])
        self.assertEqual(found[-1]["name"], "file")
        self.job('code = -2; message = "refused";')
        done = self.run_it(5, "check", "job.conf", "--json")
        found = json.loads(done.lines[0])
        self.assertEqual((found["state"], found["text"]), ("failed", "refused"))
        self.assertIn("refused", done.errors)
        self.job('unknown_option = 1;')
        done = self.run_it(2, "check", "job.conf", "--json")
        self.assertEqual((json.loads(done.text)["kind"], len(done.lines)), ("job", 1))

    def test_findings_hide_secrets_and_controls(self):
        self.job('key = "${KEY}"; findings = [ "g Key it is hush-hush-hush", "g Other a\\x1b[31mb" ];')
        for more in ([], ["--json"]):
            done = self.run_it(0, "check", "job.conf", *more, env={"KEY": "hush-hush-hush"})
            self.assertNotIn("hush", done.text + done.errors)
            self.assertNotIn("\x1b", done.text)
            self.assertIn("***", done.text)

    def test_policy(self):
        self.job()
        self.assertEqual(self.run_it(0, "policy", "job.conf").text, "form json, principal -\n")
        self.assertEqual(self.run_it(0, "policy", "job.conf", "--job", "job0", "--terraform", "--principal", "arn:x").text,
                         "form terraform, principal arn:x\n")
        self.assertIn("unknown job 'none'", self.run_it(2, "policy", "job.conf", "--job", "none").errors)
        self.job(jobs=2)
        self.assertIn("there are 2 jobs; choose one: --job NAME", self.run_it(2, "policy", "job.conf").errors)
        self.assertEqual(self.run_it(0, "policy", "-c", "job.conf", "--job", "job1").text, "form json, principal -\n")
        self.job('message = "no path"; code = -1;')
        done = self.run_it(2, "policy", "job.conf")
        self.assertEqual((done.text, "no path" in done.errors), ("", True))

    def test_policy_of_a_source_without(self):
        self.write("data/a.csv", "x\n1\n")
        self.write("job.conf", 'jobs = { one = { source = { type = "file"; path = "data"; };\n'
                   'sink = { type = "file"; path = "o"; }; }; };')
        done = self.expect(2, "policy", "job.conf", "--job", "one")
        self.assertIn("source-file needs no rights of a service, or does not tell them", done.errors)
        self.assertEqual(done.text, "")


if __name__ == "__main__":
    unittest.main()
