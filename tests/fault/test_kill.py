"""kill -9 under load, again and again, on one data directory."""
import time

from harness import SLOW
from rig import LONG, FaultTest, main, rounds, say


class Kill(FaultTest):
    LIMIT = 1800 if LONG else 60
    LOAD_SECONDS = 0.3

    def strike(self, d, snapshots=False):
        """Load, then the end of the daemon; answers that came."""
        load = self.load(d)
        if snapshots:
            self.snapshots_of(d)
        time.sleep(self.random.uniform(0.05, self.LOAD_SECONDS))
        self.kill(d)
        load.wait()
        self.assertEqual(set(load.answers) - {202}, set(), load.answers)
        return load.answers[202]

    def strike_often(self, n, snapshots=False):
        answers = 0
        d = self.serve()
        for _ in range(n):
            answers += self.strike(d, snapshots)
            d, log = self.restarted()
        self.assertGreater(answers, 10 * n, "hardly any load")
        d.stop()
        log, found = self.kept()
        self.assertEqual(found.absent, 0)
        say(f"kill -9: {n} rounds, {answers} answers, {len(log)} events, "
            "nothing lost")

    def test_under_load(self):
        self.strike_often(rounds(6, 50))

    def test_while_snapshots_are_written(self):
        self.strike_often(rounds(4, 50), snapshots=True)
        self.assertTrue(self.snapshots())

    def test_while_it_recovers(self):
        """A daemon that is killed before it is ready, again and again."""
        d = self.serve()
        self.fill(d, 4000, 500)
        before = self.stream(d, rounds(50000, 500000))
        self.kill(d)
        for _ in range(rounds(5, 50)):
            d = self.launch()
            time.sleep(self.random.uniform(0, 0.15))
            self.kill(d)
        d = self.serve()
        self.assertEqual(self.hash(d), (before["model_hash"], before["seq"]))
        self.kill(d)
        self.kept()

    def test_what_the_os_has_is_enough(self):
        """journal.fsync=no and everysec: the process may die, not the
        machine."""
        for fsync in ("no", "everysec"):
            d = self.serve(f"--journal.fsync={fsync}")
            self.strike(d)
            d, _ = self.restarted()
            d.stop()


class Back(FaultTest):
    """How soon a daemon is back; others may use the machine, so what counts
    is its own time."""

    LIMIT = 120
    SECONDS = 2      # of all its threads together

    def test_after_many_events(self):
        n = rounds(200000, 1000000)
        # the size of segments is what everybody has
        large = "--journal.segment_bytes=67108864"
        d = self.serve(large)
        before = self.stream(d, n)
        for options in ((large,), (large, "--snapshot.every_events=0")):
            self.kill(d)
            begun = time.monotonic()
            d = self.serve(*options)
            took, used = time.monotonic() - begun, d.cpu_seconds()
            say(f"{n} events are back in {took:.2f} s, {used:.2f} s of CPU")
            self.assertLess(used, self.SECONDS * SLOW)
            got, seq = self.hash(d)
            self.assertEqual((got, seq), (before["model_hash"], n))
        d.stop()
        begun = time.monotonic()
        d = self.serve(large)
        say(f"with a snapshot in {time.monotonic() - begun:.2f} s")
        self.assertEqual(self.hash(d), (before["model_hash"], n))


if __name__ == "__main__":
    main()
