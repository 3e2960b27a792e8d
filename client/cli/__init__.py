"""The command line: the program, and the client's commands, one package each."""
