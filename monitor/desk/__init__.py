"""The web desk: pages that people meet in a browser. So far those that the buttons in mails open."""
