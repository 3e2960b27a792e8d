"""Programs that drive the whole product, each run by a make target of its own."""
