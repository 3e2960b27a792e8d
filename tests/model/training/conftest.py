from importlib.util import find_spec

# The road's tests need what trained the weights, which `make test` does not install: `make check` does.
collect_ignore = [] if find_spec("torch") else ["road"]
