"""HTTP answers: results as JSON or events, problems, and their delivery."""
