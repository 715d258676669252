"""The examinations of `wanmon doctor`, one file a subject. None changes the inventory, and each ends by a deadline."""
