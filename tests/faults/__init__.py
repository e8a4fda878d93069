"""`make faults`: what fails in production, made to fail here, on the real servers."""
