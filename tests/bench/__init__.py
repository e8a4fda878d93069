"""The bench: a database at the group's full size, and how fast the pages are there (D-53)."""
