"""From an alert to a delivered mail: `render` words it, `mime` wraps it, `smtp` or `file` sends it."""
