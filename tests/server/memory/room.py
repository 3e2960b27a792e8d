"""The size of the budget that these tests share."""

TOTAL, BASE = 1000, 150
ROOM = 100
"""What may wait of it."""
