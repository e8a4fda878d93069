"""The demonstration's own authority, as a process: `python -m … FOLDER SOCKET`.

Makes its certificates once, signs a fresh revocation list each day, and stamps what it is asked.
"""

import secrets
import sys
import threading
from pathlib import Path

from derogations.authority import LIST_RENEWED, make_authority, renew_revocations
from derogations.timestamps import LocalTimestamper


def main() -> None:
    """Serve until killed."""
    folder, path = Path(sys.argv[1]), Path(sys.argv[2])
    authority = make_authority(folder, passphrase=secrets.token_urlsafe(24))
    renew_revocations(authority)
    never = threading.Event()

    def keep_fresh() -> None:
        while not never.wait(LIST_RENEWED.total_seconds()):
            renew_revocations(authority)

    threading.Thread(target=keep_fresh, daemon=True).start()
    LocalTimestamper(path, authority.timestamp.read_bytes()).serve_forever()


if __name__ == "__main__":
    main()
