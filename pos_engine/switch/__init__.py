"""The lines to the banks' switches: ISO 8583 over TCP, one event loop in a thread of its own."""
