"""The page of staff: invited, given roles, switched off and on."""
