"""The structure of lines: rows, paragraphs, lists, headings, and texts in margins."""
