"""Inventory and monitor of an intra-provincial WAN."""
