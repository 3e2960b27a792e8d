"""Networks in PyTorch: the teacher, the student, their losses, and their input and files."""
