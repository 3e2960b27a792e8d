from importlib.util import find_spec

# These tests need what made the weights, which `make test-all` does not install: `make test-training` does.
collect_ignore = [] if find_spec("torch") else ["test_check.py", "test_kernels.py", "test_samples.py"]
