"""Starts the portal and its servers on one machine, for `make run`, `make test`, `make check`."""
