"""SNMP: our own strict wire for the hot path, pysnmp as the reference."""
