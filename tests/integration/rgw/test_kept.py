"""Tags and versions, as Ceph RADOS Gateway keeps them."""
import json
import unittest

from gateway import GatewayTest, rows

SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def tagging(**tags):
    sets = "".join("<Tag><Key>%s</Key><Value>%s</Value></Tag>" % pair for pair in tags.items())
    return ("<Tagging %s><TagSet>%s</TagSet></Tagging>" % (SPACE, sets)).encode()


class Kept(GatewayTest):
    @classmethod
    def fill(cls):
        cls.gateway.s3cmd("mb", "s3://tagged")
        cls.gateway.s3cmd("mb", "s3://kept")
        cls.client = cls.gateway.client()
        for i in range(6):
            cls.put("tagged/part-%d.csv" % i, rows(i, 1))
        assert cls.client.request("PUT", "/tagged/part-2.csv", {"tagging": ""}, body=tagging(team="ours")).status == 200
        assert cls.client.request("PUT", "/tagged/part-3.csv", {"tagging": ""}, body=tagging(team="theirs")).status == 200
        assert cls.client.request("PUT", "/kept", {"versioning": ""}, body=(
            "<VersioningConfiguration %s><Status>Enabled</Status></VersioningConfiguration>" % SPACE).encode()).status == 200

    @classmethod
    def put(cls, name, text):
        answer = cls.client.request("PUT", "/" + name, body=text.encode())
        assert answer.status == 200, answer.body
        return answer.headers["x-amz-version-id"]

    def run_job(self, name, source, status=0):
        conf, out = self.job(name, 'endpoint = "%s"; %s' % (self.gateway.endpoint, source))
        _, err = self.sluice("run", conf, status=status)
        return [record["id"] for record in self.arrived(out)] if status in (0, 3) else err

    def test_bucket_tag(self):
        source = 'path = "s3://tagged/"; require_tag = { key = "ingest"; value = "yes"; };'
        self.assertIn("tag", self.run_job("tag-none", source, status=5))
        self.client.request("PUT", "/tagged", {"tagging": ""}, body=tagging(ingest="no", other="x"))
        err = self.run_job("tag-wrong", source, status=5)
        self.assertIn("ingest", err)
        self.client.request("PUT", "/tagged", {"tagging": ""}, body=tagging(other="x", ingest="yes"))
        self.assertEqual(self.run_job("tag-right", source), list(range(6)))

    def test_object_tag(self):
        self.assertEqual(self.run_job("object-tag", 'path = "s3://tagged/"; object_tag = { key = "team"; value = "ours"; };'), [2])

    def test_versions(self):
        first = self.put("kept/a.csv", rows(1, 1))
        self.put("kept/a.csv", rows(2, 1))
        self.put("kept/gone.csv", rows(3, 1))
        self.client.request("DELETE", "/kept/gone.csv")
        out, _ = self.sluice("cat", "s3://kept/a.csv", *self.options())
        self.assertEqual(json.loads(out)["id"], 2)
        out, _ = self.sluice("cat", "s3://kept/a.csv", *self.options(version_id=first))
        self.assertEqual(json.loads(out)["id"], 1)
        self.assertEqual(self.run_job("versions", 'path = "s3://kept/"; pin = "version";'), [2])
        _, err = self.sluice("cat", "s3://kept/a.csv", *self.options(version_id="nosuchversion"), status=2)
        self.assertIn("nosuchversion", err)


if __name__ == "__main__":
    unittest.main()
