"""The offer: devices, plans, accessories, their versions and dated prices."""
