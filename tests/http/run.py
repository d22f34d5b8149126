#!/usr/bin/env python3
"""run.py [PATTERN...] -- the HTTP tests; see harness.py."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import harness  # noqa: E402  pylint: disable=wrong-import-position

if __name__ == "__main__":
    found = unittest.defaultTestLoader.discover(HERE, "test_*.py")
    sys.exit(harness.run(found, sys.argv[1:]))
