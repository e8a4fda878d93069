"""Profiles drawn from the whole vocabulary, with the files that they describe."""
