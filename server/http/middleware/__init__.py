"""What every HTTP request passes: tokens, origins, headers, counting."""
