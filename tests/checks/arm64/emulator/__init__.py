"""QEMU with a plugin that counts, libraries for aarch64, and the machines that are emulated."""
