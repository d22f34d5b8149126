"""Starts that fail: the exit status, and a message that says what to do."""
import os
import socket
import tempfile

from harness import OwnDaemonTest, main

USAGE, OS_ERROR, CONFIG = 64, 71, 78    # sysexits.h


class Refusals(OwnDaemonTest):
    def refuse(self, status, mentions, *options, env=None):
        with self.subTest(options=options, env=env):
            d = self.launch(*options, env=env)
            try:
                self.assertEqual(d.wait(5), status, d.log())
            finally:
                d.kill()
            for word in mentions:
                self.assertIn(word, d.log())

    def test_options(self):
        for option, word in (
                ("--model.rating_dim=12", "model.rating_dim"),
                ("--model.rating_dim=many", "model.rating_dim"),
                ("--model.rating_dim=1000", "512"),
                ("--model.rating_dim=", "model.rating_dim"),
                ("--model.rating_min=5", "model.rating_min"),
                ("--limits.body_bytes=-1", "limits.body_bytes"),
                ("--limits.idle_timeout=nan", "limits.idle_timeout"),
                ("--log.level=loud", "error|warn|info|debug"),
                ("--server.listen=8470", "server.listen"),
                ("--server.listen=127.0.0.1:65536", "server.listen"),
                ("--server.listen=:", "server.listen"),
                ("--limits.none=1", "limits.none"),
                ("--config=/nowhere/at/all.json", "/nowhere/at/all.json"),
                ("--auth.token_file=/nowhere/token", "/nowhere/token")):
            self.refuse(CONFIG, [word], option)
        self.refuse(CONFIG, ["environment", "model.rating_dim"],
                    env={"FRESHET_MODEL_RATING_DIM": "x"})
        self.refuse(USAGE, ["--nonsense"], "--nonsense")
        self.refuse(USAGE, ["extra"], "extra")

    def test_files(self):
        for text in ("", "{", "[]", '{"limits":{"top_n":5}} x',
                     '{"limits":5}', '{"limit":{"top_n":5}}',
                     '{"limits":{"x":1}}',
                     '{"limits":{"top_n":"5x"}}', '{"limits":{"top_n":1.5}}',
                     '{"limits":{"top_n":5,"top_n":6}}'):
            path = os.path.join(self.enterContext(
                tempfile.TemporaryDirectory()), "conf.json")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            self.refuse(CONFIG, ["conf.json"], f"--config={path}")

    def test_port_in_use(self):
        d = self.serve()
        port = d.address[1]
        self.refuse(OS_ERROR, [f"127.0.0.1:{port}", "another program"],
                    f"--server.listen=127.0.0.1:{port}")
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
            self.refuse(OS_ERROR, ["another program"],
                        f"--server.listen=127.0.0.1:{port}")
        self.assert_alive(d)

    def test_loopback_names(self):
        for host in ("localhost", "127.0.0.2"):
            d = self.serve(f"--server.listen={host}:0")
            self.assert_alive(d)

    def test_far_addresses_need_a_token(self):
        for listen in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0"):
            self.refuse(CONFIG, ["auth.token_file", "FRESHET_AUTH_TOKEN"],
                        f"--server.listen={listen}")

    def test_tokens(self):
        for text in ("", "\n", "has a blank in it\n", "tab\tinside", "é" * 20):
            path = os.path.join(self.enterContext(
                tempfile.TemporaryDirectory()), "token")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            self.refuse(CONFIG, ["token"], f"--auth.token_file={path}")
        self.refuse(CONFIG, ["FRESHET_AUTH_TOKEN"],
                    env={"FRESHET_AUTH_TOKEN": "x" * 600})


if __name__ == "__main__":
    main()
