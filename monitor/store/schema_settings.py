"""The part of the step "numbers" that keeps what people set at the desk: who, when, what it was before."""

SETTINGS = """
"""
