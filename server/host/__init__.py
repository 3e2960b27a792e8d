"""What the kernel says of this process and its machine: control groups, processors, heap, memory."""
