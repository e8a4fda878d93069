"""Accessibility of the whole product: every page and state, widths and themes, by axe."""
