"""Training lines: texts, faces, rendering, augmentation, and the charset."""
