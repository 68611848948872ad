"""What ``benchmarks/panels.py`` uses: the panels, the models and the tables."""
