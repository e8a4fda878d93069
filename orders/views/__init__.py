"""The pages of orders and of lines in service."""
