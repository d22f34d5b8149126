"""The commands against a real daemon, and what they say when things go wrong.

Exit statuses are part of the contract (server/cli/command.h)."""
import json
import os
import re
import signal
import subprocess
import tempfile
import time

import daemon
from client import SLOW, Connection
from harness import OwnDaemonTest, main

TOKEN = "0123456789abcdef0123456789abcdef"
USAGE, DATA, UNAVAILABLE, CONFIG = 64, 65, 69, 78


class CommandTest(OwnDaemonTest):
    LIMIT = 40

    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def run_command(self, status, *args, **more):
        done = daemon.command(*args, **more)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def fails(self, status, says, *args, **more):
        """It exits with status, and says why in one line or a few."""
        done = self.run_command(status, *args, **more)
        self.assertIn(says, done.stderr)
        self.assertLess(done.stderr.count("\n"), 6, done.stderr)
        return done

    @staticmethod
    def to(d):
        return f"--to=http://{d.address[0]}:{d.address[1]}"


def rows(n, users=20, items=30):
    """n lines of a u.data, times going up."""
    return "".join(f"u{i * 7 % users}\ti{i * 11 % items}\t{i % 5 + 1}\t"
                   f"{1600000000 + i}\n" for i in range(n))


class Replay(CommandTest):
    def test_report(self):
        d = self.serve()
        done = self.run_command(0, "replay", self.write("r", rows(500)),
                                self.to(d))
        self.assertIn("500 accepted, 0 rejected", done.stdout)
        self.assertIn("seq 500, model_seq 500", done.stdout)
        with d.connect() as c:
            stats = c.stats()
        self.assertIn(f"model_hash {stats['model_hash']}", done.stdout)
        self.assertIn(f"RMSE {stats['rmse']:.4f}", done.stdout)

    def test_connections_and_limit(self):
        d = self.serve()
        done = self.run_command(0, "replay", self.write("r", rows(3000)),
                                self.to(d), "--connections", "5",
                                "--limit=2000")
        self.assertIn("2000 accepted", done.stdout)
        with d.connect() as c:
            self.assertEqual(c.stats()["events"], 2000)

    def test_rate(self):
        d = self.serve()
        path = self.write("r", rows(300))
        begun = time.monotonic()
        self.run_command(0, "replay", path, self.to(d), "--rate=200")
        self.assertGreater(time.monotonic() - begun, 1.4)

    def test_prequential_is_evaluate(self):
        d = self.serve()
        path = self.write("r", rows(300))
        done = self.run_command(0, "replay", path, self.to(d),
                                "--prequential")
        expected = json.loads(self.run_command(0, "evaluate", path,
                                               "--json").stdout)
        served = re.search(r"RMSE ([\d.]+), MAE ([\d.]+)", done.stdout)
        self.assertAlmostEqual(float(served[1]), expected["rmse"], 5)
        self.assertAlmostEqual(float(served[2]), expected["mae"], 5)
        self.assertIn(expected["model_hash"], done.stdout)

    def test_standard_input_does_not_wait(self):
        """Each line is served soon, while the input stays open."""
        d = self.serve()
        with subprocess.Popen([daemon.BINARY, "replay", "-", self.to(d)],
                              env=daemon.environment(), text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as p:
            self.addCleanup(p.kill)
            with d.connect() as c:
                for n in (1, 2, 3):
                    p.stdin.write(rows(n).splitlines()[-1] + "\n")
                    p.stdin.flush()
                    end = time.monotonic() + 3 * SLOW
                    while c.stats()["model_seq"] < n:
                        self.assertLess(time.monotonic(), end)
                        time.sleep(0.01)
                    time.sleep(0.7)  # longer than one request stays open
            out, err = p.communicate(timeout=10 * SLOW)
            self.assertEqual(p.returncode, 0, err)
            self.assertIn("3 accepted, 0 rejected", out)

    def test_interrupt_ends_in_good_order(self):
        d = self.serve()
        path = self.write("r", rows(50000))
        with subprocess.Popen([daemon.BINARY, "replay", path, self.to(d),
                               "--rate=500"], env=daemon.environment(),
                              text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as p:
            self.addCleanup(p.kill)
            with d.connect() as c:
                while c.stats()["seq"] < 100:
                    time.sleep(0.02)
            p.send_signal(signal.SIGINT)
            out, err = p.communicate(timeout=10 * SLOW)
            self.assertEqual(p.returncode, 0, err)
        sent, accepted = re.search(r"sent +(\d+) .* (\d+) accepted",
                                   out).groups()
        self.assertEqual(sent, accepted)
        with d.connect() as c:
            self.assertEqual(c.stats()["seq"], int(sent))

    def test_wrong_lines(self):
        d = self.serve("--model.rating_max=10")
        lines = "user,item,rating\na,b,7\na,b\na,b,11\nc,d,10\n"
        path = self.write("r", lines)
        # in order of time the file is read first, and nothing is sent
        self.fails(DATA, "line 3: ", "replay", path, self.to(d))
        with d.connect() as c:
            self.assertEqual(c.stats()["seq"], 0)
        # in its own order, and from standard input, they are left out
        done = self.fails(DATA, "line 4: rating 11 is not in 1..10", "replay",
                          path, self.to(d), "--order=file")
        self.assertIn("2 accepted", done.stdout)
        self.assertIn("2 lines were left out", done.stderr)
        self.fails(DATA, "standard input, line 3", "replay", "-", self.to(d),
                   data=lines)
        with d.connect() as c:
            self.assertEqual(c.stats()["seq"], 4)

    def test_daemon_stops_in_the_middle(self):
        d = self.serve()
        path = self.write("r", rows(50000))
        with subprocess.Popen([daemon.BINARY, "replay", path, self.to(d),
                               "--rate=2000"], env=daemon.environment(),
                              text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as p:
            self.addCleanup(p.kill)
            with d.connect() as c:
                while c.stats()["seq"] < 500:
                    time.sleep(0.02)
            d.signal(signal.SIGTERM)
            self.assert_ends(d, 0, 5)
            out, err = p.communicate(timeout=10 * SLOW)
        self.assertEqual(p.returncode, UNAVAILABLE, err)
        accepted = int(re.search(r"(\d+) accepted", out)[1])
        self.assertEqual(accepted, int(re.search(r"stopped.*seq[=\":]+(\d+)",
                                                 d.log())[1]))

    def test_nobody_there(self):
        path = self.write("r", rows(3))
        self.fails(UNAVAILABLE, "nobody listens there", "replay", path,
                   "--to=http://127.0.0.1:9")
        self.fails(UNAVAILABLE, "nobody listens there", "replay", "-",
                   "--to=127.0.0.1:9", data="u\ti\t3\n")

    def test_token(self):
        d = self.serve(env={"FRESHET_AUTH_TOKEN": TOKEN}, token=TOKEN)
        path = self.write("r", rows(3))
        token_file = self.write("token", TOKEN + "\n")
        self.fails(UNAVAILABLE, "401 unauthorized", "replay", path, self.to(d))
        self.run_command(0, "replay", path, self.to(d),
                         f"--token-file={token_file}")
        self.run_command(0, "replay", path, self.to(d), "--prequential",
                         env={"FRESHET_AUTH_TOKEN": TOKEN})
        self.fails(USAGE, "/no/such", "replay", path, self.to(d),
                   "--token-file", "/no/such")
        self.run_command(0, "health", self.to(d))  # needs none

    def test_words(self):
        for says, *words in (
                ("which FILE",), ("unknown argument b", "a", "b"),
                ("--rate must be a number", "a", "--rate=x"),
                ("--connections must be", "a", "--connections=0"),
                ("--order must be one of time|file", "a", "--order=up"),
                ("--limit needs a value", "a", "--limit"),
                ("unknown argument --model.seed=1", "a", "--model.seed=1"),
                ("no other scheme", "a", "--to=https://x")):
            self.fails(USAGE, says, "replay", *words)


class Evaluate(CommandTest):
    def test_json(self):
        path = self.write("r", rows(2000))
        e = json.loads(self.run_command(0, "evaluate", path, "--json",
                                        "--model.rating_dim=8").stdout)
        self.assertEqual((e["events"], e["users"], e["items"], e["skipped"]),
                         (2000, 20, 30, 0))
        for key in ("rmse", "rmse_last_half", "mae", "rmse_mean",
                    "events_per_second"):
            self.assertGreater(e[key], 0, key)
        self.assertEqual(e["settings"]["model.rating_dim"], 8)
        self.assertRegex(e["model_hash"], "^[0-9a-f]{16}$")
        done = self.run_command(0, "evaluate", path, "--hash",
                                "--model.rating_dim=8")
        self.assertEqual(done.stdout, e["model_hash"] + "\n")

    def test_holdout(self):
        """Scored by the finished model, which learns nothing from it."""
        path = self.write("r", rows(2000))
        held = self.write("h", "u0\ti0\t3\t880000000\nnew\ti1\t4\t1\n")
        e = json.loads(self.run_command(0, "evaluate", path, "--json",
                                        f"--holdout={held}").stdout)
        alone = self.run_command(0, "evaluate", path, "--hash").stdout
        self.assertEqual(e["model_hash"] + "\n", alone)
        self.assertEqual((e["holdout_events"], e["holdout_cold"]), (2, 1))
        self.assertTrue(0 < e["holdout_mae"] <= e["holdout_rmse"] < 4, e)
        twice = json.loads(self.run_command(
            0, "evaluate", path, "--json",
            f"--holdout={self.write('t', rows(2000))}").stdout)
        # what was learned is known better than it was before
        self.assertLess(twice["holdout_rmse"], twice["rmse"])
        done = self.run_command(0, "evaluate", path, f"--holdout={held}")
        self.assertIn("2 ratings that were not learned, 1 of them cold",
                      done.stdout)
        self.fails(DATA, "No such file", "evaluate", path,
                   "--holdout=/no/such")

    def test_report_with_items(self):
        path = self.write("r", rows(2000))
        items = self.write("m", "item_id,title\ni0,Zero\ni1,One\n")
        done = self.run_command(0, "evaluate", path, "--items", items)
        for text in ("2,000 ratings by 20 users of 30 items, in time order",
                     "running mean", "model_hash", "28 are not among them",
                     "most rated", "best liked"):
            self.assertIn(text, done.stdout)
        self.assertEqual(done.stderr, "")

    def test_wrong_files(self):
        path = self.write("r", "u\ti\t3\nu\ti\t7\n")
        self.fails(DATA, "line 2: rating 7 is not in 1..5 (model.rating_min, "
                   "model.rating_max)", "evaluate", path)
        self.run_command(0, "evaluate", path, "--model.rating_max=10")
        self.fails(DATA, "No such file", "evaluate", "/no/such")
        self.fails(DATA, "there is no rating", "evaluate",
                   self.write("empty", ""))
        self.fails(DATA, "No such file", "evaluate", path, "--items=/no/such",
                   "--model.rating_max=10")
        self.fails(CONFIG, "did you mean --learn.replay?", "evaluate", path,
                   "--learn.reply=4")


class Others(CommandTest):
    def test_health(self):
        d = self.serve()
        listen = f"--server.listen=0.0.0.0:{d.address[1]}"
        self.run_command(0, "health", self.to(d))
        self.run_command(0, "health", listen)
        self.run_command(0, "health", env={
            "FRESHET_SERVER_LISTEN": listen.split("=")[1]})
        d.stop()
        self.fails(1, "nobody listens there", "health", self.to(d))

    def test_check_config(self):
        done = self.run_command(0, "check-config", "--learn.replay=4",
                                env={"FRESHET_LOG_FORMAT": "json"})
        changed = [line.split()[1:3] for line in done.stdout.splitlines()
                   if line.startswith("*")]
        self.assertEqual(changed, [["log.format", "json"],
                                   ["learn.replay", "4"]])
        done = self.run_command(0, "check-config", "--defaults")
        path = self.write("c.json", done.stdout)
        done = self.run_command(0, "check-config", f"--config={path}")
        self.assertNotIn("*", done.stdout)
        self.fails(CONFIG, "line 1, column 2: expected '\"'", "check-config",
                   "--config", self.write("bad.json", "{x}"))
        self.fails(CONFIG, "must be less than", "check-config",
                   "--model.rating_min=5")
        self.fails(USAGE, "unknown argument", "check-config", "x")

    def test_help(self):
        for words in (["help"], ["--help"], ["-h"], [], ["help", "options"],
                      ["evaluate", "--help"], ["help", "replay"],
                      ["version"], ["--version"]):
            done = self.run_command(0, *words)
            self.assertTrue(done.stdout)
            for line in done.stdout.splitlines():
                self.assertLessEqual(len(line), 80, line)
        self.fails(USAGE, "no command 'sevre'", "sevre")
        self.fails(USAGE, "no command 'x'", "help", "x")

    def test_demo(self):
        """It serves, feeds itself over HTTP, and the pasted commands work."""
        with subprocess.Popen([daemon.BINARY, "demo", "--rate=2000",
                               "--seconds=4", "--server.listen=127.0.0.1:0"],
                              env=daemon.environment(), text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as p:
            self.addCleanup(p.kill)
            text = ""
            while "Ctrl-C" not in text:
                line = p.stdout.readline()
                self.assertTrue(line, text)
                text += line
            port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", text)[1])
            bodies = re.findall(r"-d '(.*)'", text)
            listing = re.search(r"(/v1/users/\S+)'", text)[1]
            time.sleep(1)
            with Connection(("127.0.0.1", port)) as c:
                r = c.post("/v1/predict", json.loads(bodies[0]))
                self.assertNotIn("cold", self.assert_ok(r))
                r = c.post("/v1/ratings?wait=applied", json.loads(bodies[1]))
                self.assertEqual(self.assert_ok(r)["accepted"], 1)
                r = c.get(listing)
                self.assertEqual(len(self.assert_ok(r)["items"]), 5)
            out, err = p.communicate(timeout=20 * SLOW)
            self.assertEqual(p.returncode, 0, err)
            self.assertIn("best possible 0.", out)
            self.assertIn("stopped", err)


if __name__ == "__main__":
    main()
