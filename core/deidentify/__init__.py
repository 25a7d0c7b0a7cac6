"""De-identified copies of ultrasound DICOM files: what is not known to be harmless stays behind."""
