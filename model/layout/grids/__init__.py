"""Table detection: ruled and aligned tables, and rows within cells."""
