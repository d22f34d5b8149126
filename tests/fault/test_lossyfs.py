"""The lossy disk itself: it loses what was not synced, and nothing else."""
import os

from disks import Lossy
from rig import FaultTest, main


class LossyDisk(FaultTest):
    def setUp(self):
        super().setUp()
        self.disk = self.enterContext(Lossy())
        self.seed = 0

    def write(self, name, data, *, offset=0, sync=True):
        fd = os.open(self.at(name), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self.assertEqual(os.pwrite(fd, data, offset), len(data))
            if sync:
                os.fdatasync(fd)
        finally:
            os.close(fd)

    def at(self, name):
        return os.path.join(self.disk.path, name)

    def sync_folder(self, name=""):
        fd = os.open(self.at(name), os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)

    def left(self, mode):
        """{name: bytes} of what a cut leaves, folders apart."""
        self.seed += 1
        top = self.disk.cut(mode, self.seed)
        found = {}
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, top)] = f.read()
        return found

    def test_bytes_need_a_sync(self):
        self.write("a", b"old")
        self.sync_folder()
        self.write("a", b"new!", sync=False)
        self.assertEqual(self.left("none"), {"a": b"old"})
        self.assertEqual(self.left("all"), {"a": b"new!"})
        self.write("a", b"", sync=True)
        self.assertEqual(self.left("none"), {"a": b"new!"})

    def test_names_need_a_sync_of_the_folder(self):
        self.write("a", b"1")
        self.assertEqual(self.left("none"), {})
        self.sync_folder()
        os.rename(self.at("a"), self.at("b"))
        self.assertEqual(self.left("none"), {"a": b"1"})
        self.assertEqual(self.left("all"), {"b": b"1"})
        self.sync_folder()
        self.assertEqual(self.left("none"), {"b": b"1"})
        os.unlink(self.at("b"))
        self.assertEqual(self.left("none"), {"b": b"1"})
        self.sync_folder()
        self.assertEqual(self.left("none"), {})

    def test_a_name_without_its_bytes(self):
        """What a rename without a sync of the file leaves."""
        self.write("a", b"1", sync=False)
        self.sync_folder()
        self.assertEqual(self.left("none"), {"a": b""})

    def test_a_folder_is_a_name_too(self):
        os.mkdir(self.at("d"))
        self.write("d/a", b"1")
        self.sync_folder("d")
        self.assertEqual(self.left("none"), {})
        self.sync_folder()
        self.assertEqual(self.left("none"), {"d/a": b"1"})

    def test_some_of_it(self):
        """Each sector for itself: old or new, and both come up."""
        self.write("a", b"o" * 4096)
        self.sync_folder()
        self.write("a", b"n" * 4096, sync=False)
        seen = set()
        for _ in range(8):
            data = self.left("some")["a"]
            self.assertEqual(len(data), 4096)
            for at in range(0, 4096, 512):
                self.assertIn(data[at:at + 512], (b"o" * 512, b"n" * 512))
            seen.add(data)
        self.assertGreater(len(seen), 4)

    def test_space_ahead(self):
        fd = os.open(self.at("a"), os.O_RDWR | os.O_CREAT, 0o600)
        self.addCleanup(os.close, fd)
        os.posix_fallocate(fd, 0, 5000)
        os.pwrite(fd, b"x", 4000)
        self.sync_folder()
        self.assertEqual(self.left("none"), {"a": b""})
        os.fdatasync(fd)
        expected = bytes(4000) + b"x" + bytes(999)
        self.assertEqual(self.left("none"), {"a": expected})
        os.ftruncate(fd, 10)
        self.assertEqual(self.left("none"), {"a": expected})
        self.assertEqual(self.left("all"), {"a": bytes(10)})

    def test_short_writes(self):
        with Lossy(short=2) as disk:
            fd = os.open(os.path.join(disk.path, "a"),
                         os.O_RDWR | os.O_CREAT, 0o600)
            try:
                written = [os.pwrite(fd, b"abcd", 4 * k) for k in range(4)]
                self.assertEqual(written, [4, 2, 4, 2])
                self.assertEqual(os.pread(fd, 16, 0), b"abcdab\0\0abcdab")
            finally:
                os.close(fd)


if __name__ == "__main__":
    main()
