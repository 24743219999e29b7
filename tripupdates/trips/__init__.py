"""Residentials: their dates, groups, accompanying staff and pupils."""
