"""What every gRPC call passes: tokens, flow control of messages, errors."""
