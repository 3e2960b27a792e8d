"""Where the work of a page goes: processor time, or instructions, by the part of the code that takes it."""
