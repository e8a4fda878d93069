"""The launcher's own tests: its pure pieces, and real servers that must leave nothing behind."""
