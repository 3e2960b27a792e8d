"""Images over streams: loading, sending, results, retries."""
