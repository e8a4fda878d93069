"""Tests of the import of providers' files."""
