"""Providers' files read under a format profile: pure, by whole columns, exact to the cent."""
