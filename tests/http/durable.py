"""durable.py -- the base of tests whose data directory outlives the daemon."""
import json
import os
import signal
import tempfile

from client import NDJSON
from harness import OwnDaemonTest


class DurableTest(OwnDaemonTest):
    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(
            tempfile.TemporaryDirectory(prefix="freshet-durable-"))
        self.data = os.path.join(self.folder, "data")

    def begin(self, *options):
        return self.serve(f"--data.dir={self.data}",
                          "--journal.segment_bytes=65536",
                          "--journal.reserve_bytes=65536", *options)

    def ended(self, d, number):
        """Ends it; how is the signal's business."""
        if number == signal.SIGTERM:
            d.stop()
        else:
            d.process.kill()
            d.status = d.process.wait()

    def ratings(self, n, **more):
        return [{"user_id": f"u{self.random.randrange(50)}",
                 "item_id": f"i{self.random.randrange(30)}",
                 "rating": self.random.randint(1, 5),
                 "timestamp": 1700000000 + k, "event_id": self.name("e"),
                 **more} for k in range(n)]

    def post(self, c, events, status=202, query=""):
        return self.assert_ok(c.post("/v1/ratings" + query, events), status)

    def stream(self, c, events, query=""):
        body = b"".join(json.dumps(e).encode() + b"\n" for e in events)
        return c.post("/v1/ratings" + query, body, kind=NDJSON)

    def assert_counts(self, receipt, accepted, duplicates, seq, rejected=0):
        self.assertEqual((receipt["accepted"], receipt["duplicates"],
                          receipt["rejected"], receipt["seq"]),
                         (accepted, duplicates, rejected, seq), receipt)

    def files_with(self, text):
        found = []
        for folder, _, names in os.walk(self.data):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    if text.encode() in f.read():
                        found.append(name)
        return found
