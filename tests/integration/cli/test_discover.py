"""discover: the catalog of what sources offer."""
import json
import os
import unittest

from program import ACCESS, SECRET, ProgramTest

JOBS = '''jobs = { clicks = { source = { type = "file"; path = "clicks"; }; };
         sales = { source = { type = "file"; path = "sales"; }; format = { type = "csv"; delimiter = ";"; };
                   mapping = ( { from = "id"; to = "other"; type = "string"; } ); }; };
'''


class DiscoverTest(ProgramTest):
    def catalog(self, *words, status=0, env=None):
        return json.loads(self.expect(status, "discover", *words, "--json", env=env).text)["streams"]

    def test_jobs_are_streams(self):
        """Of what the sources have: no mapping, no sink, no ledger."""
        self.write("job.conf", JOBS)
        self.write("clicks/a.csv", "id,when,ok,score,name\n1,2024-02-29T13:05:59Z,true,1.5,x\n")
        self.write("sales/b.csv", "id;price\n7;1.25\n")
        clicks, sales = self.catalog("job.conf")
        self.assertEqual([clicks["name"], sales["name"]], ["clicks", "sales"])
        self.assertEqual(clicks["action"], "fetch")
        self.assertEqual(clicks["supported_sync_modes"], ["incremental", "full_refresh"])
        self.assertEqual((clicks["source_defined_cursor"], clicks["default_cursor_field"],
                          clicks["source_defined_primary_key"]), (False, [], []))
        types = {name: p["type"] for name, p in clicks["json_schema"]["properties"].items()}
        self.assertEqual(types, {"id": ["integer", "null"], "when": ["string", "null"], "ok": ["boolean", "null"],
                                 "score": ["number", "null"], "name": ["string", "null"]})
        self.assertEqual(clicks["json_schema"]["properties"]["when"]["format"], "date-time")
        self.assertEqual(clicks["json_schema"]["type"], "object")
        self.assertEqual([(c["name"], c["nullable"]) for c in sales["columns"]], [("id", True), ("price", True)])
        self.assertEqual(sorted(os.listdir(self.folder)), ["clicks", "job.conf", "sales"], "discover wrote something")
        self.assertEqual([s["name"] for s in self.catalog("job.conf", "--job", "sales")], ["sales"])
        self.expect(2, "discover", "job.conf", "--job", "sale")

    def test_a_data_file_in_place_of_a_configuration(self):
        self.write("a.ndjson", '{"id":1}\n')
        done = self.expect(2, "discover", "a.ndjson")
        self.assertIn("a.ndjson:1: syntax error", done.errors)
        self.assertIn("files are given by a URI, such as file:///", done.errors)
        self.write("job.conf", "jobs = { ]")
        self.assertNotIn("by a URI", self.expect(2, "discover", "job.conf").errors)

    def test_schema_holds_for_what_cat_prints(self):
        self.write("data/a.csv", "i,f,b,t,d,s\n1,1.5,true,2024-01-01T00:00:00Z,2024-01-01,x\n,,,,,\n-3,2,false,"
                                 "2024-01-02T00:00:00Z,2024-01-02,\n")
        self.write("job.conf", JOBS.replace('"clicks"', '"data"'))
        schema = self.catalog("job.conf", "--job", "clicks")[0]["json_schema"]
        names = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string"}
        for line in self.expect(0, "cat", "data").lines:
            record = json.loads(line)
            self.assertEqual(set(record), set(schema["properties"]))
            for name, value in record.items():
                self.assertIn(names[type(value)], schema["properties"][name]["type"], name)

    def test_columns_of_the_first_files(self):
        self.write("job.conf", JOBS)
        self.write("sales/b.csv", "id\n7\n")
        self.write("clicks/a.csv", "id\n7\n")
        self.write("clicks/b.csv", "id,more\n7.5,x\n")
        clicks = self.catalog("job.conf", "--job", "clicks")[0]
        self.assertEqual([(c["name"], c["type"]) for c in clicks["columns"]], [("id", "float64"), ("more", "string")])

    def test_conflicts_and_unreadable_files_are_named(self):
        self.write("job.conf", 'jobs = { clicks = { source = { type = "file"; path = "clicks"; }; }; };')
        self.write("clicks/a.csv", "id,n,same,when\n1,5,1,2024-01-01\n")
        self.write("clicks/b.csv", "id,n,same,when\n1,abc,1.5,2024-01-01T00:00:00Z\n")
        self.write("clicks/c.json", '{"id":true,"n":{"a":1},"deep":{"x":1}}\n')
        self.write("clicks/d.json", '{"deep":{"x":"y"}}\n')
        self.write("clicks/bad.parquet", "no Parquet at all")
        stream = self.catalog("job.conf")[0]
        notes = {note["column"]: note for note in stream["notes"]}
        self.assertEqual(set(notes), {None, "id", "n", "deep.x"}, "widening is no conflict")
        self.assertEqual(notes[None]["file"], "clicks/bad.parquet")
        self.assertEqual(notes["n"]["file"], "clicks/b.csv")
        for what in ("int64 in clicks/a.csv", "string in clicks/b.csv", "struct in clicks/c.json", "read as string"):
            self.assertIn(what, notes["n"]["message"])
        self.assertIn("int64 in clicks/a.csv, bool in clicks/c.json", notes["id"]["message"])
        self.assertIn("int64 in clicks/c.json, string in clicks/d.json", notes["deep.x"]["message"])
        text = self.expect(0, "discover", "job.conf").text
        for what in ("note: not read: clicks/bad.parquet: ", "note: column n: int64 in clicks/a.csv"):
            self.assertIn(what, text)

    def test_places(self):
        path = os.path.dirname(self.write("data/a.csv", "id\n1\n"))
        stream = self.catalog("file://" + path)[0]
        self.assertEqual((stream["name"], list(stream["json_schema"]["properties"])), ("file://" + path, ["id"]))
        text = self.expect(0, "discover", "file://" + path).text
        self.assertIn("  id: int64\n", text)
        self.expect(2, "discover", "ftp://nowhere/x")

    def test_bucket(self):
        server = self.server("--synthetic", "20000:200")
        keys = self.keys(server)
        stream = self.catalog("s3://synthetic/", "-o", "region=us-east-1", env=keys)[0]
        self.assertEqual([c["name"] for c in stream["columns"]], ["id", "object", "row", "score", "label", "note"])
        from s3client import Client
        stats = Client(server.port).stats()["operations"]
        self.assertLess(stats["LIST"], 20, "the listing goes on though the first files are known")
        self.assertLess(stats["GET"], 20)
        self.write("job.conf", '''jobs = { b = { source = { type = "s3"; path = "s3://synthetic/"; region = "us-east-1";
  access_key_id = "%s"; secret_access_key = "wrong"; endpoint = "http://127.0.0.1:%d"; }; }; };''' % (ACCESS, server.port))
        done = self.expect(5, "discover", "job.conf", "--json")
        self.assertEqual(json.loads(done.text), {"streams": [], "more": False})
        self.assertNotIn(SECRET, done.errors)

    def test_nothing_there(self):
        self.write("job.conf", JOBS)
        os.mkdir(os.path.join(self.folder, "clicks"))
        stream = self.catalog("job.conf", "--job", "clicks")[0]
        self.assertEqual((stream["columns"], stream["json_schema"]), ([], {"type": "object", "properties": {}}))
        self.assertIn("no file has a column", self.expect(0, "discover", "job.conf", "--job", "clicks").text)
        self.write("clicks/a.bin", bytes(range(256)))
        done = self.expect(4, "discover", "job.conf", "--job", "clicks")
        self.assertIn("a.bin", done.errors)

    def test_hostile_names(self):
        self.write("job.conf", JOBS)
        self.write("clicks/a.csv", 'a,"\x1b[2J","\x00"\n1,2,3\n')
        done = self.sluice("discover", "job.conf", "--job", "clicks")
        self.assertNotIn("\x1b", done.text + done.errors)
        done = self.sluice("discover", "job.conf", "--job", "clicks", "--json")
        json.loads(done.text)


if __name__ == "__main__":
    unittest.main()
