"""The threads of this process by their names: those of Polars would not survive a fork."""

from pathlib import Path

POOL = "polars-0"
"""The first thread of Polars's pool: its first use starts it, and a forked child waits for it."""


def thread_names() -> set[str]:
    """The names of the threads that this process has now, native ones too."""
    return {path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")}
