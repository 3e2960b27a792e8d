"""The command line: the program, and the commands of the client's layer, one module each."""
