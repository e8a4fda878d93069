"""The paper path."""
