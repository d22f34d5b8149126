"""disks.py -- disks of our own: small, lossy, and with a plug to pull.

All need root; without, their tests skip and say so.  Everything is mounted in
a mount namespace that run.py has made for the tests: whatever happens to them,
the kernel unmounts and frees the loop devices with the last process.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
UNSHARED = "FRESHET_FAULT_MOUNTS"
# Images live in memory: a disk of ours is slow only when it is told to be.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
MIB = 1 << 20


def own_mounts():
    """Starts the calling program again in a mount namespace of its own."""
    if os.geteuid() != 0 or os.environ.get(UNSHARED):
        return
    command = ["unshare", "--mount", "--propagation", "private", "--"]
    if subprocess.run(command + ["true"], stderr=subprocess.DEVNULL,
                      check=False).returncode == 0:
        os.execvpe("unshare", command + [sys.executable] + sys.argv,
                   {**os.environ, UNSHARED: "yes"})


def _run(*args):
    done = subprocess.run(args, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(args)}: {done.stderr.strip()}")


class Disk:
    """Something mounted at .path, for the length of a with block."""

    def __init__(self):
        if not os.environ.get(UNSHARED):
            raise unittest.SkipTest("needs root and a mount namespace")
        self.folder = tempfile.mkdtemp(prefix="freshet-disk-", dir=MEMORY)
        self.path = os.path.join(self.folder, "mnt")
        os.mkdir(self.path)

    def __enter__(self):
        try:
            self.mount()
        except OSError as e:
            self.__exit__()
            raise unittest.SkipTest(str(e))
        return self

    def __exit__(self, *_):
        self.unmount()
        shutil.rmtree(self.folder, ignore_errors=True)

    def mount(self):
        raise NotImplementedError

    def unmount(self):
        if os.path.ismount(self.path):
            # lazily: a killed program may still be on its way out
            _run("umount", "--lazy", self.path)

    def free(self):
        s = os.statvfs(self.path)
        return s.f_bavail * s.f_frsize


class Image(Disk):
    """An ext4 on a loop device.  What has reached the image has reached the
    disk; what is in the page cache above it goes with the power."""

    def __init__(self, mib, image=None):
        super().__init__()
        self.image = os.path.join(self.folder, "image")
        if image:
            shutil.move(image, self.image)
            return
        with open(self.image, "wb") as f:
            f.truncate(mib * MIB)
        _run("mkfs.ext4", "-q", "-F", "-J", "size=4", "-m", "0", self.image)

    def mount(self):
        # nobody but the program under test is to write back anything
        _run("mount", "-o", "loop,commit=600", self.image, self.path)

    def cut(self):
        """The disk after a power cut now, as another Image.  To be called when
        the program under test has just been killed."""
        copy = os.path.join(self.folder, "copy")
        _run("cp", "--sparse=always", self.image, copy)
        return Image(0, copy)


class Small(Disk):
    """A tmpfs of so many MiB, to be filled up."""

    def __init__(self, mib):
        super().__init__()
        self.mib = mib

    def mount(self):
        _run("mount", "-t", "tmpfs", "-o", f"size={self.mib}m", "tmpfs",
             self.path)


class Lossy(Disk):
    """lossyfs.py: keeps what was synced, and nothing else for certain.  With
    short=n each nth write is a short one."""

    def __init__(self, short=0):
        super().__init__()
        self.short = short
        self.process = None
        self.cuts = 0

    def mount(self):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "lossyfs.py"), self.path,
             str(self.short)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.PIPE)
        if self.process.stdout.readline().strip() != "mounted":
            raise OSError(self.process.communicate()[1].strip()[-200:])

    def home(self):
        """A folder on it that is there for good, for a data directory."""
        path = os.path.join(self.path, "data")
        os.mkdir(path)
        fd = os.open(self.path, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
        return path

    def unmount(self):
        super().unmount()
        if self.process:
            self.process.communicate()   # its stdin ends, and so does it
            self.process = None

    def cut(self, mode, seed):
        """What a power cut now would leave, as a folder.  The daemon does not
        notice, the disk goes on."""
        self.cuts += 1
        target = os.path.join(self.folder, f"cut{self.cuts}")
        os.mkdir(target)
        self.process.stdin.write(f"cut {mode} {seed} {target}\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline().strip()
        assert said.isdigit(), f"lossyfs: {said!r}"
        return target


class Filler:
    """A file that takes all the room that is left on a disk."""

    def __init__(self, disk):
        self.disk = disk
        self.path = os.path.join(disk.path, "filler")

    def fill(self, leave=0):
        fd = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            at = os.fstat(fd).st_size
            for step in (MIB, 65536, 4096):
                while self.disk.free() >= leave + step:
                    try:
                        os.posix_fallocate(fd, at, step)
                    except OSError:
                        break
                    at += step
        finally:
            os.close(fd)

    def empty(self):
        os.unlink(self.path)
