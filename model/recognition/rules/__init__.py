"""Rules of decoding: what makes one text of the characters of a line, each rule in a module."""
