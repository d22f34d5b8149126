"""The trainer stands still: events are kept all the same, as many as there is
room for, and none is lost."""
from harness import eventually
from rig import FaultTest, main, say


class Stalled(FaultTest):
    MORE_MIB = 64

    def test_trainer(self):
        # stats wait for the trainer's hash, but not for long
        d = self.serve("--ingest.queue_events=4000",
                       "--limits.wait_timeout=0.2",
                       failpoint="trainer.batch:5:hang")
        resident = d.resident_bytes()
        load = self.load(d, sizes=(1, 20, 50))
        with d.connect() as c:
            stuck = eventually(lambda: c.stats()["lag"] > 1000 and c.stats(),
                               10, "lag")
            self.assertEqual(c.stats()["model_seq"], stuck["model_seq"])
            self.assertEqual(c.predict("u1", "i1")["model_seq"],
                             stuck["model_seq"])
            eventually(lambda: load.answers["queue_full"] > 100, 20,
                       "queue_full")
            self.assertIn(f"freshet_model_seq {stuck['model_seq']}",
                          c.get("/metrics").body.decode())
            lag = c.stats()["lag"]
            self.assertGreaterEqual(lag, stuck["lag"])
            grown = (d.resident_bytes() - resident) >> 20
            eventually(lambda: load.answers["queue_full"] > 3000, 20,
                       "more queue_full")
            self.assertLess(d.resident_bytes() - resident,
                            self.MORE_MIB << 20)
            self.assertEqual(c.get("/health/live").status, 200)
            c.predict("u1", "i1")
        load.stop()
        # those that waited in front of the log
        self.assertLessEqual(set(load.answers),
                             {202, "queue_full", "unconfirmed"})
        say(f"lag {lag}, {grown} MiB more while the trainer stood still")
        self.kill(d)
        self.restarted()


if __name__ == "__main__":
    main()
