"""Serving: admission, queue, workers, metrics, life cycle; `grpc` is its transport."""
