"""Middleware of all HTTP requests: tokens, origins, headers, counting."""
