"""`edgeocr doctor`: examines a machine, and recommends settings of the server for it."""
