"""One page through every interface: what each of them says."""
