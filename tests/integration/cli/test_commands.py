"""help, version, plugins, usage errors, ls."""
import json
import os
import shutil
import subprocess
import unittest
import unittest.mock

import program
from program import SLUICE, ProgramTest

PLUGINS = os.path.join(os.path.dirname(SLUICE), "..", "lib", "sluice", "plugins")
COMMANDS = ["run", "check", "ls", "cat", "status", "plugins", "help", "version"]


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


class ListTest(ProgramTest):
    def test_files(self):
        self.write("data/a.csv", "x\n1\n")
        self.write("data/sub/b.csv", "y\n")
        self.write("data/.hidden", "")
        done = self.expect(0, "ls", "data")
        self.assertEqual(done.lines[0].split(None, 2), ["-", "-", "data/.hidden  (skipped: hidden file)"])
        self.assertRegex(done.lines[1], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ +4  data/a\.csv$")
        self.assertRegex(done.lines[2], r"^\S+Z +2  data/sub/b\.csv$")
        self.assertEqual(len({line.index("  data/") for line in done.lines}), 1, "names are not aligned")
        self.assertEqual(done.errors, "2 parts, 6 B; 1 skipped (hidden file 1)\n")
        self.assertEqual(self.expect(0, "ls", "data", "-q").errors, "")
        line = self.expect(0, "ls", "data", "--log", "json").errors.splitlines()[-1]
        self.assertEqual(json.loads(line)["message"], "2 parts, 6 B; 1 skipped (hidden file 1)")
        done = self.expect(0, "ls", "data", "--limit", "1")
        self.assertEqual((len(done.lines), done.errors), (1, "0 parts, 0 B; 1 skipped (hidden file 1); there are more\n"))
        done = self.expect(0, "ls", "file://" + os.path.join(self.folder, "data"), "-o", "include=**/b*", "--json")
        found = [json.loads(line) for line in done.lines]
        self.assertEqual([p.get("skipped") for p in found], ["hidden file", "excluded", None])
        self.assertEqual((found[2]["size"], found[2]["name"][-9:]), (2, "sub/b.csv"))

    def test_nothing_there(self):
        os.mkdir(os.path.join(self.folder, "empty"))
        done = self.expect(0, "ls", "empty")
        self.assertEqual((done.text, done.errors), ("", "0 parts, 0 B\n"))
        self.assertIn("none", self.expect(2, "ls", "none").errors)

    def test_hostile_name(self):
        self.write("data/a\x1b[31m\nb.csv", "")
        self.assertEqual(len(self.expect(0, "ls", "data").lines), 1)
        self.assertIn("a\\x1b[31m\\x0ab.csv", self.expect(0, "ls", "data").text)
        self.assertEqual(json.loads(self.expect(0, "ls", "data", "--json").text)["name"], "data/a\x1b[31m\nb.csv")

    def test_bucket(self):
        server = self.server("--page", "2")
        for i in range(5):
            server.write("b1/data/k%d" % i, b"12345")
        os.mkdir(os.path.join(server.root, "b1", "data", "marker"))
        done = self.expect(0, "ls", "s3://b1/data/", env=self.keys(server))
        self.assertEqual([line.split()[-1] for line in done.lines[:5]], ["s3://b1/data/k%d" % i for i in range(5)])
        self.assertIn("s3://b1/data/marker/  (skipped: folder marker)", done.lines[5])
        self.assertEqual(done.errors, "5 parts, 25 B; 1 skipped (folder marker 1)\n")
        env = self.keys(server)
        endpoint = env.pop("AWS_ENDPOINT_URL_S3")
        done = self.expect(0, "ls", "s3a://b1/data/k3", "-o", "endpoint=" + endpoint, "-o", "addressing=path", env=env)
        self.assertEqual(len(done.lines), 1)

    def test_reader_that_goes_away(self):
        server = self.server("--synthetic", "20000:128")
        process = self.start("ls", "s3://synthetic/", env=self.keys(server))
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read().decode()
        process.stderr.close()
        self.assertEqual(process.wait(60), 0, errors)
        self.assertNotIn("sluice:", errors)


if __name__ == "__main__":
    unittest.main()
