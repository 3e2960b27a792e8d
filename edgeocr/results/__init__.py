"""Typed results, the same in process, from the SDK and over REST."""
