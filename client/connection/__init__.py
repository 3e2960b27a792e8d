"""How a server is reached: targets, channels, TLS, tokens, balancing."""
