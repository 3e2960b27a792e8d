"""The operating system: control groups, processors, heap, memory, connections."""
