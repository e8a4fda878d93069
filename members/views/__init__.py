"""The members' pages, one aggregate a file."""
