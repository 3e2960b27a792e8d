"""How many bytes are held for what: the budget, limits, uploads, previews, the memory monitor."""
