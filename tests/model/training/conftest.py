from importlib.util import find_spec

# Some tests need what trained the weights, which `make test` does not install: `make check` does.
_TRAINING = ["road", "emulation/test_check.py", "emulation/test_samples.py"]
collect_ignore = [] if find_spec("torch") else _TRAINING
