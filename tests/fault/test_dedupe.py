"""An event_id makes a repetition harmless: at once, side by side, after a
restart, and for a client that never got its answer."""
import json
import threading
import time

from client import NDJSON, Closed, build
from rig import FaultTest, main, rounds, say

IDS = "--journal.dedupe_window=1000000"


class Dedupe(FaultTest):
    def setUp(self):
        super().setUp()
        self.d = self.serve(IDS)

    def again(self, c, events, first):
        """Sends what was accepted with `first` as its last seq; nothing may
        come of it."""
        before = c.settled()
        body = events[0] if len(events) == 1 else events
        r = c.post("/v1/ratings?wait=applied", body)
        receipt = self.assert_ok(r)
        self.assertEqual((receipt["accepted"], receipt["duplicates"]),
                         (0, len(events)), r)
        self.assertEqual(receipt["seq"], first)
        after = c.settled()
        for key in ("seq", "events", "model_hash"):
            self.assertEqual(after[key], before[key], key)

    def test_one_after_the_other(self):
        with self.d.connect() as c:
            for n in (1, 3):
                events = self.make.many(n)
                seq = self.rate(c, events).json()["seq"]
                self.fill(self.d, 10)
                self.again(c, events, seq)
                self.again(c, events, seq)
        self.kept()

    def test_time_of_arrival_is_no_difference(self):
        """A client that sends no time sends the same event again."""
        e = self.make.one()
        e.pop("timestamp", None)
        with self.d.connect() as c:
            seq = self.rate(c, [e]).json()["seq"]
            time.sleep(0.05)
            self.again(c, [e], seq)

    def test_side_by_side(self):
        """Many connections with one event at the same moment."""
        for _ in range(rounds(20, 500)):
            e = self.make.one()
            self.ledger.send([e])
            clients = [self.connect(self.d) for _ in range(4)]
            for c in clients:
                c.send(build("POST", "/v1/ratings", e))
            receipts = [c.read().json() for c in clients]
            for c in clients:
                c.close()
            self.assertEqual(sorted(r["accepted"] for r in receipts),
                             [0, 0, 0, 1], receipts)
            self.assertEqual(len({r["seq"] for r in receipts}), 1, receipts)
            self.ledger.accept([e], {**receipts[0], "duplicates": 0})
        self.kept()

    def test_within_one_request(self):
        a, b = self.make.many(2)
        with self.d.connect() as c:
            self.ledger.send([a, b])
            r = self.assert_ok(c.post("/v1/ratings?wait=applied", [a, b, a]))
            self.assertEqual((r["accepted"], r["duplicates"]), (2, 1))
            lines = [json.dumps(e).encode() for e in (a, b, a)]
            r = self.assert_ok(c.post("/v1/ratings?wait=applied",
                                      b"\n".join(lines), kind=NDJSON))
            self.assertEqual((r["accepted"], r["duplicates"]), (0, 3))
        self.assertEqual(len(self.export()), 2)

    def test_another_event_under_the_same_id(self):
        e = self.make.one(timestamp=1700000000)
        with self.d.connect() as c:
            self.rate(c, [e])
            before = c.settled()
            for change in ({"rating": 1.25}, {"user_id": "other"},
                           {"item_id": "other"}, {"timestamp": 1700000001}):
                with self.subTest(change=change):
                    r = c.post("/v1/ratings", {**e, **change})
                    self.assert_error(r, 409, "event_id_conflict")
            r = c.post("/v1/ratings", [self.make.one(), {**e, "rating": 1.25},
                                       self.make.one()])
            self.assert_error(r, 409, "event_id_conflict", index=1)
            after = c.settled()
        self.assertEqual(after["seq"], before["seq"])
        self.assertEqual(len(self.export()), 1)

    def test_after_a_restart(self):
        sent = []
        with self.d.connect() as c:
            for n in (1, 5, 1, 20):
                events = self.make.many(n)
                sent.append((events, self.rate(c, events).json()["seq"]))
        for polite in (False, True):
            if polite:
                self.d.stop()   # with a snapshot
            else:
                self.kill(self.d)
            self.d, _ = self.restarted(IDS)
            with self.d.connect() as c:
                for events, seq in sent:
                    self.again(c, events, seq)
                r = c.post("/v1/ratings", {**sent[0][0][0], "rating": 1.25})
                self.assert_error(r, 409, "event_id_conflict")
        self.kept()

    def test_the_window(self):
        """It is exact within the window; ids do not stay for ever."""
        window = 200
        self.d.stop()
        d = self.serve(f"--journal.dedupe_window={window}")
        events = self.make.many(1)
        with d.connect() as c:
            seq = self.rate(c, events).json()["seq"]
            self.fill(d, window - 1, 1)
            self.again(c, events, seq)
            self.fill(d, 3 * window, 20)
            r = c.post("/v1/ratings", events[0])
            self.assertEqual(self.assert_ok(r, 202)["accepted"], 1)

    def test_a_bad_one_in_a_thousand(self):
        events = self.make.many(1000)
        events[500]["rating"] = 77
        with self.d.connect() as c:
            before = c.settled()
            r = self.rate(c, events)
            self.assert_error(r, 400, "invalid_rating", index=500)
            self.assertEqual(c.settled()["seq"], before["seq"])
        self.kept()


class LostAnswers(FaultTest):
    """Clients that hang up before the answer, and daemons that die before it:
    the same batch is sent again."""

    def again(self, c, events):
        """Sends the batch until it is there."""
        self.ledger.reopen(events)
        r = c.post("/v1/ratings", events)
        receipt = self.assert_ok(r, 202)
        self.assertEqual(receipt["accepted"] + receipt["duplicates"],
                         len(events))
        self.ledger.accept(events, receipt)
        return receipt["duplicates"]

    def test_the_client_hangs_up(self):
        d = self.serve(IDS)
        batches, found = [], 0
        for k in range(rounds(30, 1000)):
            events = self.make.many(5)
            self.ledger.send(events)
            data = build("POST", "/v1/ratings", events)
            with d.connect() as c:
                cut = len(data) if k % 3 else self.random.randrange(len(data))
                c.try_send(data[:cut])
                time.sleep(self.random.choice((0, 0, 0.001, 0.003)))
            batches.append(events)
        with d.connect() as c:
            for events in batches:
                found += self.again(c, events)
        self.assertGreater(found, 0, "no answer was lost")
        say(f"{len(batches)} batches sent twice, {found} events were there")
        log, _ = self.kept()
        self.assertEqual(len(log), 5 * len(batches))
        self.kill(d)
        self.restarted()

    def test_the_daemon_dies(self):
        d = self.serve(IDS)
        for _ in range(rounds(3, 30)):
            pending = []

            def work(events, address):
                try:
                    with address.connect() as c:
                        while True:
                            self.ledger.send(events)
                            pending.append(events)
                            self.ledger.note(events,
                                             c.post("/v1/ratings", events))
                            events = self.make.many(3)
                except (OSError, Closed):
                    pass

            threads = [threading.Thread(target=work,
                                        args=(self.make.many(3), d))
                       for _ in range(8)]
            for t in threads:
                t.start()
            time.sleep(self.random.uniform(0.05, 0.2))
            self.kill(d)
            for t in threads:
                t.join()
            d, _ = self.restarted(IDS)
            with d.connect() as c:
                for events in pending:
                    self.again(c, events)
        log, found = self.kept()
        self.assertEqual(found.extra + found.absent, 0)
        self.assertEqual(len(log), len(self.ledger))


if __name__ == "__main__":
    main()
