"""What programs are told, whoever tells them: the command line with --json, and the API.

    tickets   a row of the queue; a ticket with its history
    reviews   a review with its verdict
    numbers   the numbers about the work

Keys are those of the design page; new ones may join at any time, none changes its meaning. Times are UTC, as text.
"""
