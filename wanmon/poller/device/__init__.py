"""How one device is read over SNMP, and what is made of what it says."""
