"""What shall we answer? A situation in, a draft with its warnings out.

A library of its own: of `sentiment` it knows the types and the morphology, of `monitor` nothing.
"""
