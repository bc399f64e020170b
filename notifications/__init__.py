"""Tells people about new posts. The aggregator works the same without it."""
