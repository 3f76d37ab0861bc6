"""Ways to keep the engine running: one pass for cron, or a loop."""
