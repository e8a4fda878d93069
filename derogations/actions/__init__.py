"""The derogations' actions, one aggregate a file."""
