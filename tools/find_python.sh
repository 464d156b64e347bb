#!/bin/sh
# Prints a Python of version 3.11 or newer that can make virtual environments, or says plainly that there is none.
# PYTHON, where set, is the only candidate. A name on the PATH may be a launcher that fails, so each one is run.
check='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

for name in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c "$check" >/dev/null 2>&1; then
        command -v "$name"
        exit 0
    fi
done

echo "This project needs Python 3.11 or newer with its venv module; tried: ${PYTHON:-python3.11 to python3.14, python3, python}." >&2
echo "Install one (Debian and Ubuntu: python3 and python3-venv; macOS: from python.org or Homebrew)," >&2
echo "or name yours: make app PYTHON=/path/to/python3" >&2
exit 1
