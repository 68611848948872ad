"""What ``benchmarks/intervals.py`` uses: the panels, the models and the scores."""
