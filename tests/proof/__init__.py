"""Sending, proved with real processes: they are killed, paused, raced and deceived by their provider."""
