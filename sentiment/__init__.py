"""What does the text say? Tone, themes, dangers of a Russian review, each with the phrase that shows it.

A library of its own: it imports nothing of `monitor` or `responders` and does no network I/O.
"""
