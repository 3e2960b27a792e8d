"""Reading: pixels in, text out. `pipeline` is the entry; nothing here knows how requests travel."""

import os

# From 1.29 on, ONNX Runtime's Linux builds report to their maker unless this is set before it is imported. What is
# read here, and that it is, is nobody's business.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
