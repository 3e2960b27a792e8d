"""Geometry of text: polygons, the pose of a page, margins around lines."""
