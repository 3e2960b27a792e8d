"""The recogniser on CPUs that are not at hand: aarch64, and x86-64 without VNNI, emulated in user mode.

Nothing is installed, mounted or entered: the emulator finds the aarch64 libraries in an unpacked folder.
"""
