"""The shape of what is typed about orders and lines in service."""
