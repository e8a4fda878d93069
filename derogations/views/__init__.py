"""The derogations' views, one aggregate a file."""
