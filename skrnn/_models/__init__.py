"""Regressors of windows that are not networks, and meta-estimators for any regressor."""
