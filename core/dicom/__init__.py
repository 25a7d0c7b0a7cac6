"""DICOM: frames as pixels, decoded in a process of their own, and what their headers state."""
