"""help, version, plugins, usage errors."""
import json
import os
import shutil
import subprocess
import unittest
import unittest.mock

import program
from program import SLUICE, ProgramTest

PLUGINS = os.path.join(os.path.dirname(SLUICE), "..", "lib", "sluice", "plugins")
COMMANDS = ["run", "check", "ls", "get", "cat", "policy", "status", "plugins", "help", "version"]


class HelpTest(ProgramTest):
    def test_help(self):
        for words in (["--help"], ["-h"], ["help"]):
            done = self.expect(0, *words)
            for command in COMMANDS:
                self.assertIn("\n  %s " % command, done.text)
            self.assertEqual(done.errors, "")

    def test_help_of_each_command(self):
        for command in COMMANDS:
            done = self.expect(0, "help", command)
            self.assertIn("Usage: sluice %s" % command, done.text)
            self.assertIn("xample", done.text)
            self.assertEqual(self.expect(0, command, "--help").text, done.text)

    def test_help_of_plugins(self):
        self.assertIn("access_key_id", self.expect(0, "help", "source-s3").text)
        self.assertIn("delimiter", self.expect(0, "help", "csv").text)
        schema = json.loads(self.expect(0, "help", "format-csv", "--json").text)
        self.assertEqual(schema["type"], "object")
        self.assertIn("delimiter", schema["properties"])
        done = self.expect(2, "help", "source-s4")
        self.assertIn("did you mean 'source-s3'", done.errors)
        self.assertIn("there are several plugins called 'file'", self.expect(2, "help", "file").errors)

    def test_version(self):
        done = self.expect(0, "version")
        self.assertRegex(done.lines[0], r"^sluice \d+\.\d+\.\d+$")
        self.assertRegex(done.lines[1], r"^plugin contract 1\.\d+$")
        self.assertEqual(self.expect(0, "--version").text, done.text)


class UsageTest(ProgramTest):
    def test_mistakes(self):
        for words, message in (
                ([], "Usage: sluice COMMAND"),
                (["lz", "x"], "there is no command 'lz'; did you mean 'ls'?"),
                (["--lgo", "json", "ls", "x"], "there is no option --lgo; did you mean --log?"),
                (["cat", "x", "--limt", "5"], "there is no option --limt; did you mean --limit?\nTry: sluice help cat"),
                (["cat", "x", "--limit"], "--limit needs a value"),
                (["cat", "x", "--limit", "-1"], "--limit takes a whole number from 0, not '-1'"),
                (["cat", "x", "--output", "jsn"], "--output takes one of ndjson, csv, arrow, not 'jsn'"),
                (["cat", "x", "--columns", "a,,b"], "--columns takes names with commas between them"),
                (["cat", "x", "-f", "delimiter=;"], "--format-option needs --format"),
                (["cat"], "cat needs PATH|URI"),
                (["ls", "a", "b"], "'b' is one word too many"),
                (["ls", "x", "-o", "include"], "write key=value"),
                (["ls", "x", "-o", "includ=y"], "did you mean 'include'"),
                (["ls", "x", "--json", "--csv"], "--json and --csv do not go together"),
                (["ls", "x", "--csv", "--human"], "--human is for people, and does not go with --csv"),
                (["ls", "x", "--json", "--summarize"], "--summarize is for people, and does not go with --json"),
                (["get"], "get needs PATH|URI"),
                (["get", "s3://bucket/folder/"], "ends in no name for a file"),
                (["policy", "none.conf"], "none.conf"),
                (["ls", "nonsense://x"], "no plugin reads nonsense:// addresses"),
                (["run"], "name a configuration file"),
                (["run", "none.conf"], "none.conf"),
                (["--log", "xml", "version"], "--log takes one of"),
                (["plugins", "-x"], "there is no option -x")):
            done = self.expect(2, *words)
            self.assertIn(message, done.errors)
            self.assertEqual(done.text, "", words)

    def test_errors_as_json(self):
        done = self.expect(2, "--log", "json", "cat", "x", "-o", "nonsense=1")
        for line in done.errors.splitlines():
            self.assertIn("level", json.loads(line))
        self.assertIn("nonsense", done.errors)

    def test_control_characters_are_shown_not_sent(self):
        done = self.expect(2, "help", "\x1b[31mred")
        self.assertNotIn("\x1b", done.errors)
        self.assertIn("\\x1b[31mred", done.errors)

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("skipped: there is no /dev/full")
        with open("/dev/full", "w") as full:
            done = subprocess.run([SLUICE, "help"], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 4)
        self.assertIn(b"No space left", done.stderr)


class PluginsTest(ProgramTest):
    def copied(self):
        target = os.path.join(self.folder, "plugins")
        os.makedirs(target)
        os.chmod(target, 0o755)
        for name in sorted(os.listdir(PLUGINS)):
            if name.endswith(".so"):
                shutil.copy(os.path.join(PLUGINS, name), target)
                os.chmod(os.path.join(target, name), 0o755)
        return target

    def test_list(self):
        text = self.expect(0, "plugins").text
        for name in ("source-file", "source-s3", "format-csv", "sink-http", "sink-file"):
            self.assertIn(name, text)
        found = json.loads(self.expect(0, "plugins", "--json").text)
        by_name = {p["full_name"]: p for p in found["plugins"]}
        self.assertEqual((by_name["source-s3"]["kind"], by_name["source-s3"]["name"]), ("source", "s3"))
        self.assertTrue(os.path.isabs(by_name["sink-file"]["file"]))

    def test_refused_ones_leave_the_others_at_work(self):
        folder = self.copied()
        os.chmod(os.path.join(folder, "format-csv.so"), 0o757)
        with open(os.path.join(folder, "sink-broken.so"), "w") as file:
            file.write("no ELF file")
        self.write("a.csv", "x\n1\n")
        alone = os.path.join(self.folder, "bin", "sluice")  # with nothing beside it: only these plugins
        os.makedirs(os.path.dirname(alone))
        shutil.copy(SLUICE, alone)
        with unittest.mock.patch.object(program, "SLUICE", alone):
            found = json.loads(self.expect(0, "plugins", "--plugin-dir", folder, "--json").text)
            self.assertNotIn("format-csv", [p["full_name"] for p in found["plugins"]])
            self.assertIn("source-file", [p["full_name"] for p in found["plugins"]])
            refused = "\n".join(found["refused"])
            self.assertIn("format-csv.so", refused)
            self.assertIn("sink-broken.so", refused)
            self.assertEqual(len(found["refused"]), 2)
            done = self.expect(0, "ls", "a.csv", env={"SLUICE_PLUGIN_PATH": folder})
            self.assertIn("a.csv", done.text)
            self.assertIn("format-csv.so: refused", done.errors)
            done = self.expect(2, "cat", "a.csv", "--format", "csv", "--plugin-dir", folder)
            self.assertIn("there is no format 'csv'", done.errors)
            os.chmod(os.path.join(folder, "format-csv.so"), 0o755)
            self.assertEqual(self.expect(0, "cat", "a.csv", "--plugin-dir", folder).text, '{"x":1}\n')

    def test_listing_runs_no_code(self):
        """A library that would say so if it were loaded."""
        compiler = shutil.which("cc")
        if not compiler:
            self.skipTest("skipped: there is no C compiler")
        self.write("p.c", '#include <sluice/sdk.h>\n#include <stdlib.h>\n'
                          '__attribute__((constructor)) static void loud(void) { puts("loaded"); fflush(stdout); }\n'
                          'static const struct sluice_component c = {sizeof c, 0, 0};\n'
                          'SLUICE_PLUGIN(SLUICE_SINK, "sink loud 1.0.0\\n", &c)\n')
        source = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
        target = os.path.join(self.folder, "loud", "sink-loud.so")
        os.makedirs(os.path.dirname(target))
        subprocess.run([compiler, "-shared", "-fPIC", "-I", os.path.join(source, "sdk", "include"), "-o", target,
                        os.path.join(self.folder, "p.c")], check=True)
        os.chmod(target, 0o755)
        done = self.expect(0, "plugins", "--plugin-dir", os.path.dirname(target))
        self.assertIn("sink-loud", done.text)
        self.assertNotIn("loaded", done.text)
        self.assertIn("loaded", self.expect(2, "help", "sink-loud", "--plugin-dir", os.path.dirname(target)).text)


if __name__ == "__main__":
    unittest.main()
