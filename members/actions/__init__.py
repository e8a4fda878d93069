"""Every write over members, one aggregate a file."""
