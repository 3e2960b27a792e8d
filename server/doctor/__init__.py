"""`edgeocr doctor`: what a machine is to the server, what is wrong with it, and how to set the server up there."""
