"""Becomes the command given, after asking the kernel to signal it when its parent dies.

A wrapper and not a `preexec_fn`: the parent may have threads, and the request must come after the
change of identity, which would cancel it. Run with `-I -S`: it reads nothing but its arguments.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Arguments: signal number, the parent's process id, then the command."""
    number, parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != int(parent):  # it died before the request
        raise SystemExit(1)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
