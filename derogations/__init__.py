"""The exception: requests, signatures, seals, verification."""
