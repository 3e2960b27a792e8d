"""What the server costs: time of processors, memory and network, against the work and the settings."""
