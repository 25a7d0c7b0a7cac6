"""Runs of a project in W&B: a workspace and a report made from files, and runs sent later."""
