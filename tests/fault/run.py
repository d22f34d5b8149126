#!/usr/bin/env python3
"""run.py [PATTERN...] -- the fault tests; see rig.py."""
import sys
import unittest

from rig import HERE, disks, harness

if __name__ == "__main__":
    disks.own_mounts()
    found = unittest.defaultTestLoader.discover(HERE, "test_*.py")
    sys.exit(harness.run(found, sys.argv[1:]))
