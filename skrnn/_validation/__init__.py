"""What every room may use: checks of sequences, targets and parameters, scores, threads."""
