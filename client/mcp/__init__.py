"""`edgeocr mcp`: reading as tools of language models, by the Model Context Protocol over standard input and output."""
