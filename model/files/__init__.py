"""Files to pixels: formats by their headers, decoding within limits, pages of documents, previews."""
