"""Every write over orders and lines in service, one aggregate a file."""
