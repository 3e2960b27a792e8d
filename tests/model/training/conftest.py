from importlib.util import find_spec

# These tests need what made the weights, which `make test-all` does not install: `make test-training` does.
_TRAINING = ["detection", "pipeline", "test_calibrate.py", "test_operators.py", "test_provinces.py"]
collect_ignore = [] if find_spec("torch") else _TRAINING
