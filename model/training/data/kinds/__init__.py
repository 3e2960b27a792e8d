"""Kinds of lines with rendering of their own: handwriting, plates, dots, and intruding neighbours."""
