"""Version 1 of the contract: `ocr.proto`."""
