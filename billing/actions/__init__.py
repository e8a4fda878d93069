"""Every write of the bills, one aggregate a file."""
