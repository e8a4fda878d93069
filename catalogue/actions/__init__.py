"""Every write over the catalogue, one aggregate a file."""
