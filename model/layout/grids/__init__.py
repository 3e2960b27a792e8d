"""Tables of a page: ruled ones, aligned ones, and the rows of their cells."""
