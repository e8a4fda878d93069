"""The shape of what is typed about the catalogue, one aggregate a file."""
