"""Tables of complaints' due dates, photos and swaps, and of calendars of release."""
