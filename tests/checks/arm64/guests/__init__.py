"""Programs that run on the emulated CPU."""
