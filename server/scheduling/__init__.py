"""Who is read when: admission, the queue, jobs, workers, and the delivery of what they read."""
