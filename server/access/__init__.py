"""Access control: certificates, tokens, host names, permissions of unix sockets."""
