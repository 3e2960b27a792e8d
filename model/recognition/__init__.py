"""Text recognition: crops of lines in, text with confidences out."""
