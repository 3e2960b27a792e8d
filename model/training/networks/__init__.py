"""Networks in PyTorch: the teachers, the students, their losses, inputs and files."""
