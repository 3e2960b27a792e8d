"""The access log: what was asked, by whom, and what became of it; nothing of what was read."""
