"""Traces of calls and images, and their export over OTLP."""
