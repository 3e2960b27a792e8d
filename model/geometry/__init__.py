"""Where text lies: polygons, the pose of a page, margins around lines."""
