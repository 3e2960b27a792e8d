"""The commands of the client's layer, one module each."""
