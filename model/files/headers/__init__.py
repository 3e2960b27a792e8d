"""Header parsers: sizes, orientations, pages and scans, without decoding."""
