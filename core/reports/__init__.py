"""What a run leaves for people: figures and self-contained pages made from a run folder."""
