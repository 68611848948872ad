"""Labels of rows: series, time, the step from one label to the next, runs without a gap."""
