"""What is known of the devices of each vendor, as data: which objects to ask for, and what they mean."""
