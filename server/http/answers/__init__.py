"""Answers over HTTP: results as JSON and as events, problems, and how they are sent."""
