"""Opens files whose headers do not bound the cost of decoding: requests, decoders, and the libraries behind them."""
