"""What lines make up: rows, paragraphs, lists, headings, and texts in margins."""
