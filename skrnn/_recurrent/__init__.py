"""The recurrent regressors."""
