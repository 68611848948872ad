"""Rows and windows: which row continues which, and the window of each row."""
