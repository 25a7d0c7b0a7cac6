"""Tested runs of a project held against each other, and why two of them differ."""
