"""How the weights came about, and how well they read."""
