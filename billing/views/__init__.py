"""The bills' pages, one aggregate a file."""
