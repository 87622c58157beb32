"""s3d: versions of objects, delete markers, and their listing."""
import unittest
import xml.etree.ElementTree as ET

from s3client import Client, Server, find_all, strip


class VersionsTest(unittest.TestCase):
    def setUp(self):
        self.server = Server("--page", "3")
        self.server.settings("bkt", "versions=true")
        self.client = Client(self.server.port)
        self.client.request("PUT", "/bkt")
        self.ids = {}
        for key, texts in (("a", "123"), ("dir/b", "4"), ("dir/c d", "56"), ("z", "7")):
            for text in texts:
                answer = self.client.request("PUT", "/bkt/" + key, body=text.encode())
                self.ids.setdefault(key, []).append(answer.headers["x-amz-version-id"])

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0)

    def versions(self, **query):
        """All items over all pages: (kind, key, id, latest)."""
        items, prefixes, markers = [], [], {}
        while True:
            words = dict({"versions": ""}, **{k.replace("_", "-"): v for k, v in query.items()}, **markers)
            answer = self.client.get("/bkt", words)
            self.assertEqual(answer.status, 200, answer.body)
            root = ET.fromstring(answer.body)
            for item in root:
                fields = {strip(e.tag): e.text for e in item}
                if strip(item.tag) in ("Version", "DeleteMarker"):
                    items.append((strip(item.tag), fields["Key"], fields["VersionId"], fields["IsLatest"]))
                elif strip(item.tag) == "CommonPrefixes":
                    prefixes.append(fields["Prefix"])
            if find_all(answer.body, "IsTruncated") == ["false"]:
                return items, prefixes
            markers = {"key-marker": find_all(answer.body, "NextKeyMarker")[0]}
            if find_all(answer.body, "NextVersionIdMarker"):
                markers["version-id-marker"] = find_all(answer.body, "NextVersionIdMarker")[0]

    def test_each_version_is_there(self):
        for key, ids in self.ids.items():
            self.assertEqual(len(set(ids)), len(ids))
            bodies = [self.client.get("/bkt/" + key, {"versionId": one}) for one in ids]
            self.assertEqual([b.headers["x-amz-version-id"] for b in bodies], ids)
            self.assertEqual(self.client.get("/bkt/" + key).body, bodies[-1].body)
        self.assertEqual([self.client.get("/bkt/a", {"versionId": one}).body for one in self.ids["a"]], [b"1", b"2", b"3"])
        self.assertEqual(self.client.get("/bkt/a", {"versionId": "0" * 32}).code(), "NoSuchVersion")
        self.assertEqual(self.client.get("/bkt/a", {"versionId": self.ids["z"][0]}).code(), "NoSuchVersion")
        self.assertEqual(self.client.keys("bkt")[0], ["a", "dir/b", "dir/c d", "z"])
        first = self.client.request("HEAD", "/bkt/a", {"versionId": self.ids["a"][0]})
        self.assertEqual((first.status, first.headers["Content-Length"]), (200, "1"))

    def test_listing(self):
        items, _ = self.versions()
        expected = [("Version", key, one, "true" if one == ids[-1] else "false")
                    for key, ids in self.ids.items() for one in reversed(ids)]
        self.assertEqual(items, expected)
        self.assertEqual([i[1] for i in self.versions(prefix="dir/")[0]], ["dir/b", "dir/c d", "dir/c d"])
        self.assertEqual(self.versions(prefix="dir/", encoding_type="url")[0][-1][1], "dir/c+d")
        for size in ("1", "2"):
            items, prefixes = self.versions(delimiter="/", max_keys=size)
            self.assertEqual(([i[1] for i in items], prefixes), (["a", "a", "a", "z"], ["dir/"]))
        self.assertEqual(self.client.get("/bkt", {"versions": "", "version-id-marker": "x"}).code(), "InvalidArgument")

    def test_delete_marker(self):
        answer = self.client.request("DELETE", "/bkt/a")
        marker = answer.headers["x-amz-version-id"]
        self.assertEqual((answer.status, answer.headers["x-amz-delete-marker"]), (204, "true"))
        answer = self.client.get("/bkt/a")
        self.assertEqual((answer.status, answer.code(), answer.headers["x-amz-delete-marker"]), (404, "NoSuchKey", "true"))
        answer = self.client.get("/bkt/a", {"versionId": marker})
        self.assertEqual((answer.status, answer.code(), answer.headers["x-amz-delete-marker"]), (405, "MethodNotAllowed", "true"))
        self.assertEqual(self.client.get("/bkt/a", {"versionId": self.ids["a"][2]}).body, b"3")
        self.assertEqual(self.versions(prefix="a")[0],
                         [("DeleteMarker", "a", marker, "true")] + [("Version", "a", one, "false") for one in reversed(self.ids["a"])])
        self.assertEqual(self.client.keys("bkt")[0], ["dir/b", "dir/c d", "z"])
        again = self.client.request("PUT", "/bkt/a", body=b"9").headers["x-amz-version-id"]
        self.assertEqual(self.versions(prefix="a")[0][:2], [("Version", "a", again, "true"), ("DeleteMarker", "a", marker, "false")])
        self.assertEqual(self.client.get("/bkt/a").body, b"9")

    def test_a_bucket_without_versions(self):
        self.server.write("plain/a", b"1")
        items = find_all(self.client.get("/plain", {"versions": ""}).body, "VersionId")
        self.assertEqual(items, ["null"])
        self.assertEqual(self.client.get("/plain/a", {"versionId": "null"}).body, b"1")
        self.assertEqual(self.client.get("/plain/a", {"versionId": "0" * 32}).code(), "NoSuchVersion")
        self.assertEqual(self.client.get("/plain/a").headers["x-amz-version-id"], None)
        self.assertEqual(find_all(self.client.get("/plain", {"versioning": ""}).body, "Status"), [])
        self.assertEqual(find_all(self.client.get("/bkt", {"versioning": ""}).body, "Status"), ["Enabled"])


if __name__ == "__main__":
    unittest.main()
