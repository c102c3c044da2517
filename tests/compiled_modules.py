"""Imported first: compiled modules are kept, whatever the environment says.

A search starts a dozen processes. Where `PYTHONDONTWRITEBYTECODE` is set, and the packages were
installed without being compiled, each of them compiles torch, Ray and pandas anew.
"""

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
