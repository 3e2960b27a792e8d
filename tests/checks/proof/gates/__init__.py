"""The gates of the proof suite, one module each."""
