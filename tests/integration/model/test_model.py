"""Files of predictions and actuals through the real program, compared line by line."""
import json
import os
import subprocess
import tempfile
import unittest

SLUICE = os.environ["SLUICE"]
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLUICE_"))}
GOLDEN = {"prediction_id": "prediction_id", "timestamp": "prediction_ts", "prediction_score": "prediction_score",
          "prediction_label": "prediction_label", "actual_score": "actual_score", "actual_label": "actual_label",
          "tags": "tag/", "shap_values": "shap/", "exclude": ["user_id"]}
FEATURES = ["metropolitan_area", "industry", "state", "established_business", "experienced_business", "safe_business",
            "owner_gender", "payroll_bracket", "avg_payroll_bracket", "risk_b_2", "risk_bracket"]
HEADER = (["prediction_id", "prediction_ts", "user_id"] + FEATURES +
          ["prediction_score", "actual_score", "prediction_label", "actual_label", "tag/age_group", "tag/team",
           "shap/state", "shap/industry"])


def quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


class ModelTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sluice-model-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def csv(self, name, *rows):
        return self.write(name, "".join(",".join(row) + "\n" for row in rows))

    def job(self, schema, path="in", name="job", sink="out.ndjson", extra="", inline=True):
        """One job of a configuration."""
        if inline:
            given = "schema = %s;" % quoted(json.dumps(schema))
        else:
            given = "schema_file = %s;" % quoted(self.write(name + ".json", json.dumps(schema)))
        return """%s = { source = { type = "file"; path = "%s"; };
          format = { type = "csv"; null_tokens = [""]; };
          transforms = ( { type = "model"; model_name = "claims"; max_age = "36500d"; %s %s } );
          sink = { type = "file"; path = "%s"; }; };""" % (
            name, os.path.join(self.folder, path), given, extra, os.path.join(self.folder, sink))

    def sluice(self, status, *jobs, command="run"):
        config = self.write("sluice.conf", 'ledger = "%s/ledger";\njobs = { %s };\n' % (self.folder, "\n".join(jobs)))
        done = subprocess.run([SLUICE, command, config], cwd=self.folder, env=CLEAN, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr.decode(errors="replace"))
        return done.stdout.decode() + done.stderr.decode()

    def lines(self, name="out.ndjson"):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read().splitlines()

    def rejects(self, name="job"):
        with open(os.path.join(self.folder, "ledger", name + ".rejects.ndjson"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]


class GoldenTest(ModelTest):
    ROWS = (
        ["1fcd50f4689", "1650125707", "82aa", "ca", "restaurants", "NY", "true", "true", "false", "f", "3.5", "2", "1",
         "low", "0.07773696", "0", "No Claims", "No Claims", "30-40", "red", "0.25", "-0.5"],
        ["1fcd50f468a", "1650125708", "82ab", "", "farms, large", "TX", "false", "", "true", "m", "1", "2", "7",
         "high", "0.9", "", "Claims", "", "", "blue", "0", "1"],
    )
    LINES = [
        '{"prediction_id":"1fcd50f4689","timestamp":"2022-04-16T16:15:07Z","model":{"name":"claims",'
        '"type":"score_categorical","environment":"production"},"features":{"metropolitan_area":"ca",'
        '"industry":"restaurants","state":"NY","established_business":true,"experienced_business":true,'
        '"safe_business":false,"owner_gender":"f","payroll_bracket":3.5,"avg_payroll_bracket":2,"risk_b_2":1,'
        '"risk_bracket":"low"},"tags":{"age_group":"30-40","team":"red"},"shap_values":{"state":0.25,'
        '"industry":-0.5},"prediction":{"label":"No Claims","score":0.07773696},'
        '"actual":{"label":"No Claims","score":0}}',
        '{"prediction_id":"1fcd50f468a","timestamp":"2022-04-16T16:15:08Z","model":{"name":"claims",'
        '"type":"score_categorical","environment":"production"},"features":{"metropolitan_area":null,'
        '"industry":"farms, large","state":"TX","established_business":false,"experienced_business":null,'
        '"safe_business":true,"owner_gender":"m","payroll_bracket":1.0,"avg_payroll_bracket":2,"risk_b_2":7,'
        '"risk_bracket":"high"},"tags":{"age_group":null,"team":"blue"},"shap_values":{"state":0.0,'
        '"industry":1.0},"prediction":{"label":"Claims","score":0.9},"actual":{"label":null,"score":null}}',
    ]

    def given(self):
        rows = [row[:4] + ['"%s"' % row[4]] + row[5:] for row in self.ROWS]
        self.csv("in/a.csv", HEADER, *rows)

    def test_inline(self):
        self.given()
        self.sluice(0, self.job(GOLDEN, extra='model_type = "categorical";'))
        self.assertEqual(self.lines(), self.LINES)
        for line in self.lines():
            self.assertEqual(list(json.loads(line)["features"]), FEATURES)
            self.assertNotIn("82a", line)

    def test_camel_case_from_a_file(self):
        self.given()
        camel = {"predictionId": "prediction_id", "timestamp": "prediction_ts", "predictionScore": "prediction_score",
                 "predictionLabel": "prediction_label", "actualScore": "actual_score", "actualLabel": "actual_label",
                 "tags": "tag/", "shapValues": "shap/", "exclude": ["user_id"], "featuresList": None}
        self.sluice(0, self.job(camel, extra='model_type = "score_categorical";', inline=False))
        self.assertEqual(self.lines(), self.LINES)

    def test_feature_prefix_and_constants(self):
        self.csv("in/a.csv", ["id", "label", "feature/bank", "note", "v"], ["1", "yes", "north", "x", "v7"],
                 ["2", "no", "", "x", ""])
        schema = {"prediction_id": "id", "prediction_label": "label", "features": "feature/", "version": "v"}
        self.sluice(0, self.job(schema, extra='model_type = "score_categorical"; space = "s"; model_version = "v1"; '
                                              'batch_id = "b";'))
        found = [json.loads(line) for line in self.lines()]
        for record in found:
            self.assertRegex(record.pop("timestamp"), r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        model = {"space": "s", "name": "claims", "type": "score_categorical", "environment": "production",
                 "batch_id": "b"}
        self.assertEqual(found, [
            {"prediction_id": 1, "model": dict(model, version="v7"), "features": {"bank": "north"},
             "prediction": {"label": "yes"}},
            {"prediction_id": 2, "model": dict(model, version="v1"), "features": {"bank": None},
             "prediction": {"label": "no"}}])


class RejectTest(ModelTest):
    SCHEMA = {"prediction_id": "id", "prediction_label": "p", "actual_label": "a", "timestamp": "t"}

    def test_bad_rows_among_good_ones(self):
        self.csv("in/a.csv", ["id", "p", "a", "t"], ["a1", "yes", "", "1650125707"], ["", "yes", "", "1650125707"],
                 ["a3", "", "", "1650125707"], ["a4", "", "no", "2022-04-16T16:15:00Z"], ["a5", "x", "", "soon"],
                 ["a6", "x", "", "9999999999"], ["a1", "again", "", "1650125707"])
        self.sluice(3, self.job(self.SCHEMA, extra='model_type = "score_categorical";'))
        self.assertEqual([json.loads(line)["prediction_id"] for line in self.lines()], ["a1", "a4", "a1"])
        found = {(r["row"], r["column"], r["stage"], r["reason"].split(":")[0]) for r in self.rejects()}
        self.assertEqual(found, {(1, "id", "transform", "Invalid_Missing_Value"), (2, "p", "transform", "Invalid_Record"),
                                 (4, "t", "transform", "Invalid_Timestamp_Value"),
                                 (5, "t", "transform", "Invalid_Timestamp_Value")})
        raw = [r["raw"] for r in self.rejects() if r["row"] == 4]
        self.assertEqual(json.loads(raw[0])["t"], "soon")

    def test_old_rows_by_the_default_window(self):
        self.csv("in/a.csv", ["id", "p", "a", "t"], ["a1", "yes", "", "946684800"])
        self.sluice(4, self.job(self.SCHEMA, extra='model_type = "score_categorical";').replace(
            'max_age = "36500d";', ""))
        self.assertIn("more than 1825 days", self.rejects()[0]["reason"])

    def test_groups_within_a_batch(self):
        rows = [["p%d" % i, "g", str(i % 50 + 1)] for i in range(60)]
        self.csv("in/a.csv", ["id", "g", "r"], *rows)
        self.sluice(3, self.job({"prediction_id": "id", "prediction_group_id": "g", "rank": "r"},
                                extra='model_type = "ranking";'))
        self.assertEqual(sorted(r["row"] for r in self.rejects()), list(range(50, 60)))
        self.assertEqual(len(self.lines()), 50)


class ConfigTest(ModelTest):
    def test_mistakes_in_the_schema_are_found_at_check(self):
        self.csv("in/a.csv", ["id"], ["1"])
        said = self.sluice(2, self.job({"prediction_idd": "id"}, extra='model_type = "numeric";'), command="check")
        self.assertIn("there is no 'prediction_idd'; did you mean 'prediction_id'?", said)
        self.assertIn("sluice.conf", said)

    def test_columns_that_are_not_there(self):
        self.csv("in/a.csv", ["id", "labl", "day"], ["1", "x", "2024-01-01"])
        said = self.sluice(2, self.job({"prediction_id": "id", "prediction_label": "label", "actual_score": "score"},
                                       extra='model_type = "score_categorical";'))
        for text in ("there is no column 'label'", "did you mean 'labl'?", "there is no column 'score'",
                     "Invalid_Type: Features must be", "'day' is date"):
            self.assertIn(text, said)
        self.assertEqual(os.path.exists(os.path.join(self.folder, "out.ndjson")) and self.lines() or [], [])

    def test_unknown_option(self):
        self.csv("in/a.csv", ["id"], ["1"])
        said = self.sluice(2, self.job({"prediction_id": "id"}, extra='model_tpe = "numeric";'))
        self.assertIn("did you mean 'model_type'", said)

    def test_help_names_the_options(self):
        done = subprocess.run([SLUICE, "help", "transform-model"], env=CLEAN, stdout=subprocess.PIPE, timeout=60)
        for name in ("schema_file", "model_type", "max_age", "text_numbers"):
            self.assertIn(name, done.stdout.decode())


class DelayedTest(ModelTest):
    def test_predictions_and_actuals_as_two_jobs(self):
        """One schema, two prefixes: the second job's rows carry only what came later, under the same ids."""
        schema = {"prediction_id": "id", "timestamp": "t", "prediction_label": "p", "actual_label": "a", "tags": "tag/"}
        self.csv("prediction/11-19-2022.csv", ["id", "t", "p", "a", "f"], ["x1", "1650125707", "yes", "", "0.5"],
                 ["x2", "1650125708", "no", "", "1.5"])
        self.csv("actuals/12-1-2022.csv", ["id", "t", "a", "tag/late", "junk"],
                 ["x2", "1650125709", "yes", "t1", "2024-01-01"], ["x9", "1650125709", "no", "t2", "2024-01-02"],
                 ["x1", "1650125709", "", "t3", "2024-01-02"])
        kind = 'model_type = "score_categorical";'
        self.sluice(3, self.job(schema, "prediction", "predictions", "p.ndjson", kind),
                    self.job(schema, "actuals", "actuals", "a.ndjson", kind + ' records = "actuals";'))
        model = '"model":{"name":"claims","type":"score_categorical","environment":"production"}'
        self.assertEqual(self.lines("p.ndjson"), [
            '{"prediction_id":"x1","timestamp":"2022-04-16T16:15:07Z",%s,"features":{"f":0.5},'
            '"prediction":{"label":"yes"},"actual":{"label":null}}' % model,
            '{"prediction_id":"x2","timestamp":"2022-04-16T16:15:08Z",%s,"features":{"f":1.5},'
            '"prediction":{"label":"no"},"actual":{"label":null}}' % model])
        self.assertEqual(self.lines("a.ndjson"), [
            '{"prediction_id":"x2","timestamp":"2022-04-16T16:15:09Z",%s,"tags":{"late":"t1"},'
            '"actual":{"label":"yes"}}' % model,
            '{"prediction_id":"x9","timestamp":"2022-04-16T16:15:09Z",%s,"tags":{"late":"t2"},'
            '"actual":{"label":"no"}}' % model])
        self.assertEqual([r["row"] for r in self.rejects("actuals")], [2])

    def test_no_delayed_actuals_outside_production(self):
        self.csv("in/a.csv", ["id", "a"], ["1", "x"])
        said = self.sluice(2, self.job({"prediction_id": "id", "actual_label": "a"},
                                       extra='model_type = "score_categorical"; environment = "training";'))
        self.assertIn("Missing_Preproduction_Prediction", said)


if __name__ == "__main__":
    unittest.main()
