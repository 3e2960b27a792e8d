"""What files say of themselves: sizes, orientations, pages, scans, without decoding anything."""
