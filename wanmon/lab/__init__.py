"""The lab: simulated agents on loopback, so that a whole province can be shown on one machine."""
