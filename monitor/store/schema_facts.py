"""The part of the step "numbers" that keeps what every number is counted from, day by day."""

FACTS = """
"""
