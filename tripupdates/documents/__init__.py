"""Documents that the school sends out whole, such as newsletters: cleaned, proven clean, looked at, kept."""
