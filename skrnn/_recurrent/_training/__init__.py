"""Training: rows, batches, the skorch net, its callbacks and backends."""
