"""The part of the step "numbers" for programs: their tokens, and what they did once already."""

API = """
"""
