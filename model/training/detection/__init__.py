"""How the text detector came about: a published float network, made integer from its pixels to its map."""
