"""ITQ's side of the bills: profiles, uploads, checklist, drop folder, demonstration."""
