"""What is served while the model changes is a state of the fold, whole.

Readers hammer the daemon while ratings stream in.  Each answer names its
model_seq; so all answers with one model_seq must agree, whichever worker gave
them, and must be what a second daemon answers that is fed the same events one
by one.  A reader that saw half an update would be found here.
"""
import json
import threading

import daemon
from client import NDJSON, build
from harness import HttpTest, eventually, main

USERS, ITEMS, EVENTS = 12, 12, 4000
T0 = 1700000000


class SwapUnderLoad(HttpTest):
    LIMIT = 60
    # small batches: as many flips as there can be
    OPTIONS = ("--publish.max_events=4", "--publish.max_ms=1")

    def events(self):
        return [{"user_id": f"u{self.random.randrange(USERS)}",
                 "item_id": f"i{self.random.randrange(ITEMS)}",
                 "rating": self.random.randint(2, 10) / 2,
                 "timestamp": T0 + k} for k in range(EVENTS)]

    @staticmethod
    def lines(events):
        return b"".join(json.dumps(e).encode() + b"\n" for e in events)

    PAIRS = [{"user_id": f"u{u}", "item_id": f"i{i}"}
             for u in range(USERS) for i in range(ITEMS)]

    def read_until(self, done, seen, complaints):
        """One reader: {model_seq: all ratings} into `seen`."""
        ask = build("POST", "/v1/predict", {"instances": self.PAIRS})
        last = 0
        try:
            with self.daemon.connect() as c:
                while not done.is_set():
                    c.send(ask)
                    answer = self.assert_ok(c.read())
                    seq = answer["model_seq"]
                    if seq < last:
                        complaints.append(f"model_seq {seq} after {last}")
                    last = seq
                    ratings = tuple(answer["ratings"])
                    if seen.setdefault(seq, ratings) != ratings:
                        complaints.append(f"two states with seq {seq}")
        except Exception as e:  # a thread's failure must reach the test
            complaints.append(repr(e))

    def stream(self, events):
        """Feeds the events slowly enough for many states to be seen; what four
        readers saw, and their complaints."""
        done, seen, complaints = threading.Event(), {}, []
        readers = [threading.Thread(target=self.read_until,
                                    args=(done, seen, complaints))
                   for _ in range(4)]
        for r in readers:
            r.start()
        try:
            with self.daemon.connect() as c:
                c.send(build("POST", "/v1/ratings", headers=[
                    "Transfer-Encoding: chunked", f"Content-Type: {NDJSON}"]))
                at = 0
                while at < len(events):
                    n = self.random.randint(1, 20)
                    text = self.lines(events[at:at + n])
                    c.send(b"%x\r\n%b\r\n" % (len(text), text))
                    at += n
                    if self.random.random() < 0.3:
                        done.wait(0.002)
                c.send(b"0\r\n\r\n")
                receipt = self.assert_ok(c.read(), 202)
                self.assertEqual(receipt["accepted"], len(events))
                eventually(lambda: c.stats()["lag"] == 0)
                done.wait(0.05)
        finally:
            done.set()
            for r in readers:
                r.join()
        return seen, complaints

    def test_every_answer_is_a_state_of_the_fold(self):
        events = self.events()
        seen, complaints = self.stream(events)
        self.assertEqual(complaints, [])
        self.assertGreater(len(seen), 30, "too few states seen to say anything")
        self.assertIn(EVENTS, seen)
        self.replay(events, seen)

    def replay(self, events, seen):
        """The same events, one state at a time, by a daemon with one worker."""
        other = self.serve("--server.workers=1")
        with other.connect() as c:
            at = 0
            for seq in sorted(seen):
                if seq > at:
                    r = c.post("/v1/ratings?wait=applied", events[at:seq])
                    self.assertEqual(self.assert_ok(r)["seq"], seq)
                    at = seq
                answer = self.assert_ok(c.post("/v1/predict",
                                               {"instances": self.PAIRS}))
                self.assertEqual(answer["model_seq"], seq)
                self.assertEqual(tuple(answer["ratings"]), seen[seq],
                                 f"the state at seq {seq}")
            with self.daemon.connect() as loaded:
                self.assertEqual(loaded.stats()["model_hash"],
                                 c.stats()["model_hash"])
        self.compare_with_evaluate(events)

    def compare_with_evaluate(self, events):
        """And by the fold in process, without a server."""
        path = f"{self.daemons[-1].folder}/events.ndjson"
        with open(path, "wb") as f:
            f.write(self.lines(events))
        done = daemon.command("evaluate", path, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        with self.daemon.connect() as c:
            self.assertEqual(json.loads(done.stdout)["model_hash"],
                             c.stats()["model_hash"])


if __name__ == "__main__":
    main()
