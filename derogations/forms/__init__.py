"""The derogations' forms, one aggregate a file."""
