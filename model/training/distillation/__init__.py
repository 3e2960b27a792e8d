"""Distillation: features of the frozen backbone, the training of what follows it, pruning."""
