"""One folder a paper: a config, overlays, experiments and a README over the shared core."""
