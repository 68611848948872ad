"""Regressors of windows that are no networks, and meta-estimators over any regressor."""
