"""Memory of networks, drawing, lines, pages and documents, measured."""
