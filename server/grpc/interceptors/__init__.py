"""Interceptors of all gRPC calls: authentication, flow control of messages, errors."""
