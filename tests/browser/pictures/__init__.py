"""Pictures of the page: for the guide, and of all its states."""
