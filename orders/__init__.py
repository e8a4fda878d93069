"""The need: orders, their dispatch, and the lines in service."""
