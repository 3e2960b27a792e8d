"""From files to pixels: headers of formats, decoding within limits, pages of documents, previews."""
