"""The server's lifecycle: open calls and draining, background tasks, reloading."""
