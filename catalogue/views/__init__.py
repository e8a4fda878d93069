"""The catalogue's pages, one aggregate a file."""
