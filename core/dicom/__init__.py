"""DICOM: stills as pixels, and what their headers state."""
