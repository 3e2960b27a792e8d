"""Page layout: columns, reading order, rows, paragraphs, tables and blocks."""
