"""The shapes of what is typed about members, one aggregate a file."""
