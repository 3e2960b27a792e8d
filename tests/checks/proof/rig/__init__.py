"""What gates are tried with: servers with and without faults, limits, readings of processes, images."""
