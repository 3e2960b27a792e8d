"""The contracts, and the stubs that every build generates from them."""
