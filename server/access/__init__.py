"""Who may call: certificates, tokens, host names, the permissions of a unix socket."""
