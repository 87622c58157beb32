"""An HTTP server that keeps a table for each path, with generations, as a destination of streams."""
import http.server
import json
import threading


class Tables:
    """POST /t/NAME adds records; begin, commit and abort under /g/NAME/STEP. `there` has what would be seen."""

    def __init__(self):
        tables = self
        self.there, self.building, self.keys, self.steps, self.refused = {}, {}, set(), [], []
        self.lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with tables.lock:
                    status = tables.take(self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # senders are killed
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def take(self, path, headers, body):
        parts = path.split("/")[1:]
        if path in self.refused:
            return 400
        if parts[0] == "g":
            return self.step(parts[1], parts[2], json.loads(body)["generation"])
        key, generation = headers["Idempotency-Key"], headers["Sluice-Generation"]
        if (path, key) in self.keys:
            return 200
        table = self.there.setdefault(parts[1], [])
        if generation:
            if (parts[1], int(generation)) not in self.building:
                return 412
            table = self.building[(parts[1], int(generation))]
        self.keys.add((path, key))
        table.extend(json.loads(line) for line in body.splitlines())
        return 200

    def step(self, name, step, generation):
        self.steps.append((name, step, generation))
        if step == "begin":
            self.building.setdefault((name, generation), [])
        elif step == "commit" and (name, generation) in self.building:
            self.there[name] = self.building.pop((name, generation))
        elif step == "abort":
            self.building.pop((name, generation), None)
        return 200

    def close(self):
        self.server.shutdown()
        self.server.server_close()
