"""Page layout: columns, reading order, rows and paragraphs, ruled tables."""
