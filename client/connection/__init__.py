"""Connections to servers: targets, channels, TLS, tokens, load balancing."""
