"""Become a command that has a listening socket as its descriptor 3, as systemd's socket activation hands it over.

`python activate.py DESCRIPTOR COMMAND …`, since LISTEN_PID must be the command's own pid: sd_listen_fds(3).
"""

import os
import sys

FIRST_GIVEN = 3

if __name__ == "__main__":
    os.dup2(int(sys.argv[1]), FIRST_GIVEN)
    os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - as the Procfile says
