"""The derogations' queries, one aggregate a file."""
