"""Files to pixels: formats told by their headers, decoding within limits, pages of documents, previews."""
