"""SIGTERM with ten thousand events in flight, and a second one that insists."""
import os
import signal
import time

from client import Closed
from harness import SLOW, eventually
from rig import FaultTest, main

CONNECTIONS, SIZE = 200, 50


class Stop(FaultTest):
    @staticmethod
    def refuses(d):
        """No new connection gets an answer."""
        try:
            with d.connect() as c:
                c.get("/health/live")
            return False
        except (OSError, Closed):
            return True

    def test_in_flight(self):
        d = self.serve()
        load = self.load(d, connections=CONNECTIONS, sizes=(SIZE,))
        time.sleep(0.4)
        d.signal(signal.SIGTERM)
        begun = time.monotonic()
        d.wait_log("stopping")
        eventually(lambda: self.refuses(d), 0.5, "a closed listener")
        load.wait()
        self.assertEqual(d.wait(), 0, d.log())
        self.assertLess(time.monotonic() - begun, 10 * SLOW)
        self.assertGreater(load.answers[202], 0)
        self.assertLessEqual(set(load.answers), {202, "shutting_down"})
        log, found = self.kept()
        # what was accepted got its answer, or its connection broke
        self.assertLessEqual(found.extra, CONNECTIONS * SIZE)
        newest = os.path.basename(self.snapshots()[-1])
        self.assertEqual(int(newest[:20]), log[-1]["seq"])
        self.restarted()

    def test_insisted(self):
        d = self.serve(failpoint="snapshot.begin:1:hang")
        load = self.load(d)
        time.sleep(0.3)
        d.signal(signal.SIGTERM)
        d.wait_log("stopping")
        time.sleep(0.2)
        d.signal(signal.SIGTERM)
        begun = time.monotonic()
        self.assertEqual(d.wait(), 1, d.log())
        self.assertLess(time.monotonic() - begun, 1 * SLOW)
        load.wait()
        self.assertGreater(load.answers[202], 0)
        self.restarted()


if __name__ == "__main__":
    main()
