"""Coherent providers' files of any size, clean or with one seeded defect, and the truth of them."""
