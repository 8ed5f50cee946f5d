"""Tables of drafted ceilings and bans, proposals for officers and who signed what."""
