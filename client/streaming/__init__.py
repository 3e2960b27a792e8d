"""Reading images over streams: loading, sending, results, retries."""
