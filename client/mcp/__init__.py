"""`edgeocr mcp`: tools for language models, by the Model Context Protocol over standard input and output."""
