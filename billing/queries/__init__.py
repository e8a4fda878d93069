"""Every read of the bills, one aggregate a file."""
