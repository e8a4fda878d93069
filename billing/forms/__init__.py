"""The bills' forms, one aggregate a file."""
