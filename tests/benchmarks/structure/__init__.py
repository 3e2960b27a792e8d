"""How well the structure of pages is read, and whether the characters marked as doubtful are the wrong ones."""
