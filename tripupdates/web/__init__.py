"""The pages and the JSON that people and phones speak to."""
