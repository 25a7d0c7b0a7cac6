"""Simulated ultrasound: the data every project runs on before a real set is at hand."""
