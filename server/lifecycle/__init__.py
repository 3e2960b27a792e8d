"""The server's life: open calls and their drain, background watches, reloading."""
