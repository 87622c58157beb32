"""recv as a destination: operations by key, generations, and both after a kill."""
import json
import os
import random
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

RECV = os.environ["RECV"]


class Recv:
    def __init__(self, folder, *options):
        self.out, self.port_file, self.options = os.path.join(folder, "got"), os.path.join(folder, "port"), options
        self.start()

    def start(self):
        if os.path.exists(self.port_file):
            os.remove(self.port_file)
        self.process = subprocess.Popen([RECV, "--port-file", self.port_file, "--out", self.out, *self.options],
                                        stdout=subprocess.DEVNULL)
        for _ in range(1000):
            if os.path.exists(self.port_file):
                break
            assert self.process.poll() is None, "recv did not start"
            time.sleep(0.01)
        with open(self.port_file) as file:
            self.url = "http://127.0.0.1:%d" % int(file.read())

    def kill(self):
        self.process.kill()
        self.process.wait()

    def restart(self):
        self.kill()
        self.start()

    def ask(self, method, path, body=None, kind="application/json", **headers):
        request = urllib.request.Request(self.url + path, method=method, data=body)
        if body is not None:
            request.add_header("Content-Type", kind)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def send(self, records, method="POST", path="/in", **headers):
        lines = "".join(json.dumps(one) + "\n" for one in records)
        return self.ask(method, path, lines.encode(), "application/x-ndjson", **headers)

    def step(self, step, number, delivery="d"):
        return self.ask("POST", "/_recv/generation/" + step, json.dumps({"delivery": delivery, "generation": number}).encode())

    def current(self, delivery="d"):
        return json.loads(self.ask("GET", "/_recv/generation/current?delivery=" + delivery))["generation"]

    def table(self):
        return [json.loads(line) for line in self.ask("GET", "/_recv/table").splitlines()]

    def stats(self):
        return json.loads(self.ask("GET", "/_recv/stats"))


class Tables(unittest.TestCase):
    def recv(self, *options):
        top = tempfile.TemporaryDirectory(prefix="sluice-recv-")
        self.addCleanup(top.cleanup)
        recv = Recv(top.name, *options)
        self.addCleanup(recv.kill)
        return recv

    def refused(self, status, call, *words, **more):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            call(*words, **more)
        self.assertEqual(caught.exception.code, status)
        caught.exception.close()

    def test_operations_by_header(self):
        recv = self.recv("--key", "id")
        recv.send([{"id": i, "v": "a"} for i in range(5)])
        recv.send([{"id": 1, "v": "b"}, {"id": 7, "v": "b"}], Sluice_Operation="update")
        recv.send([{"id": 2}, {"id": 9}], Sluice_Operation="delete")
        recv.send([{"id": 3, "v": "c"}], Sluice_Operation="insert")
        wanted = [{"id": 0, "v": "a"}, {"id": 1, "v": "b"}, {"id": 3, "v": "c"}, {"id": 4, "v": "a"}, {"id": 7, "v": "b"}]
        self.assertEqual(recv.table(), wanted)
        stats = recv.stats()
        self.assertEqual([stats[name] for name in ("rows", "inserts", "updates", "deletes")], [5, 6, 2, 2])
        self.assertEqual([stats[name] for name in ("inserts_there", "updates_missing", "deletes_missing")], [1, 1, 1])
        recv.restart()
        self.assertEqual(recv.table(), wanted)
        recv.kill()
        printed = subprocess.run([RECV, "--table", recv.out, "--key", "id"], stdout=subprocess.PIPE, check=True).stdout
        self.assertEqual([json.loads(line) for line in printed.splitlines()], wanted)

    def test_operations_by_method_and_url(self):
        recv = self.recv("--key", "id")
        recv.ask("POST", "/things", b'{"id": "a/b", "v": 1}')
        recv.ask("POST", "/things", b'{"id": 8, "v": 1}')
        recv.ask("PATCH", "/things/8", b'{"id": 8, "v": 2}')
        recv.ask("DELETE", "/things/a%2Fb")
        self.assertEqual(recv.table(), [{"id": 8, "v": 2}])
        recv.restart()
        self.assertEqual(recv.table(), [{"id": 8, "v": 2}])

    def test_a_repeated_request_is_not_applied_again(self):
        recv = self.recv("--key", "id")
        recv.send([{"id": 1, "v": "old"}], Idempotency_Key="k1")
        recv.send([{"id": 1, "v": "new"}], Idempotency_Key="k2")
        recv.send([{"id": 1, "v": "old"}], Idempotency_Key="k1")
        self.assertEqual(recv.table(), [{"id": 1, "v": "new"}])
        recv.restart()
        self.assertEqual(recv.table(), [{"id": 1, "v": "new"}])
        self.assertEqual(recv.stats()["duplicates_same_body"], 1)

    def test_generations(self):
        recv = self.recv("--rows")
        self.assertEqual(recv.current(), 0)
        self.refused(412, recv.send, [{"n": 0}], Sluice_Generation="1")
        for number in (1, 2):
            recv.step("begin", number)
            recv.send([{"n": number}], Sluice_Generation=str(number))
            recv.step("begin", number)  # again: what it has stays
            recv.send([{"n": number + 10}], Sluice_Generation=str(number))
            self.assertEqual(recv.table(), [{"n": 1}, {"n": 11}] if number == 2 else [])
            if number == 2:
                recv.restart()
            recv.step("commit", number)
            recv.step("commit", number)
            self.assertEqual((recv.current(), recv.table()), (number, [{"n": number}, {"n": number + 10}]))
        recv.step("begin", 3)
        recv.send([{"n": 3}], Sluice_Generation="3")
        recv.step("abort", 3)
        recv.step("abort", 3)
        self.refused(412, recv.send, [{"n": 3}], Sluice_Generation="3")
        self.refused(422, recv.step, "commit", 3)
        self.refused(422, recv.step, "begin", 2)
        recv.step("begin", 4)
        recv.send([{"n": 4}], Sluice_Generation="4")
        recv.step("begin", 5)  # 4 is gone
        self.refused(422, recv.step, "commit", 4)
        recv.restart()
        self.assertEqual((recv.current(), recv.table()), (2, [{"n": 2}, {"n": 12}]))
        self.assertEqual(recv.current("other"), 0)

    def test_random_histories_against_a_model(self):
        seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 30))
        print("seed %d" % seed, flush=True)
        rng, recv, live, new, number, sent = random.Random(seed), self.recv("--key", "id"), {}, None, 0, []
        for i in range(400):
            act = rng.random()
            if act < 0.8:
                op, ids = rng.choice(("insert", "update", "delete")), rng.sample(range(30), rng.randrange(1, 6))
                headers = {"Sluice_Operation": op, "Idempotency_Key": "k%d" % i}
                if new is not None:
                    headers["Sluice_Generation"] = str(number)
                records = [{"id": one, "v": i} for one in ids]
                recv.send(records, **headers)
                for one in records:
                    (live if new is None else new).pop(one["id"], None)
                    if op != "delete":
                        (live if new is None else new)[one["id"]] = one
            elif act < 0.85:
                recv.restart()
            elif new is None:
                number, new = number + 1, {}
                recv.step("begin", number)
            elif act < 0.95:
                recv.step("commit", number)
                live, new = new, None
            else:
                recv.step("abort", number)
                new = None
            if i % 10 == 0:
                self.assertEqual(recv.table(), [live[one] for one in sorted(live, key=str)])
        recv.restart()
        self.assertEqual(recv.table(), [live[one] for one in sorted(live, key=str)])


if __name__ == "__main__":
    unittest.main()
