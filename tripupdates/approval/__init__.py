"""What was written, what exactly was approved, and by whom."""
