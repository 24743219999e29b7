"""Orders to publish and to remove, kept beside the data until they are settled."""
