"""The server: admission, queue, workers, metrics and lifecycle, with the transports `grpc` and `http`."""
