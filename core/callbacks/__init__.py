"""Side effects of a run: its tables, its summary, its predicted masks and its W&B mirror."""
