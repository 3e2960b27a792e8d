"""Memory accounting: the budget, limits, uploads, previews, the memory monitor."""
