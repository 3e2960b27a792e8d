"""Kinds of lines that are drawn in a way of their own."""
