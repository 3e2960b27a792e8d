"""Scheduling: admission, the queue, jobs, workers, and the delivery of results."""
