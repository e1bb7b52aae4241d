"""FHIR R4 Consent resources as lines of a register, and the register as such resources."""
