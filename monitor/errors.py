"""Every error of ours, in one tree.

    OtklikError                   exit 1
    ├── UsageError                exit 2   a person asked for something that cannot be done as asked
    │   ├── ConfigError                    config.yaml: path, line, message
    │   └── InputError                     a line of standard input or of a file
    ├── PassRunning               exit 75  another pass holds the lock
    ├── NotFound                  exit 1   no such ticket, review or listing
    ├── Conflict                  exit 1   somebody else changed or holds it
    ├── FetchError                         a page could not be had: stored on the listing, retried
    │   ├── Unreachable                    DNS, TLS, timeout, broken connection
    │   ├── PageTooLarge                   more than the size cap
    │   ├── RobotsDenied                   robots.txt forbids the address
    │   └── AddressRefused                 loopback or private address without permission, bad redirect
    ├── TransportError                     a notification could not be delivered; `permanent` tells whether to retry
    ├── NoWorkingTime                      a calendar holds too little working time to count a deadline
    ├── StoreError                         the database is newer than the code, damaged, or the disk is full
    │   └── Unfolded                       what was erased from the tables is not yet out of the file
    ├── TemplateError                      a template does not load or render
    └── ModelUnusable                      the tone model or its training data does not load

Messages are for people: what happened, where, what to do. They never hold a secret,
a review's text or an author's name.

What is said of reviews, tickets and the people who work on them, of sites and mails is Russian: the desk shows it, too.
What is said of options, config.yaml, files and this machine is English, as the help of commands is: only a terminal
shows it.
"""


class OtklikError(Exception):
    """Anything of ours that a person can be told about in one sentence. `message` holds wherever it is read; `hint`,
    its end in a terminal, names commands and options there: str() is both."""

    exit_code = 1

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(f"{message}{hint}")
        self.message = message


class UsageError(OtklikError):
    exit_code = 2


class ConfigError(UsageError):
    """`path` is the dotted key (`places.0.id`), `line` counts from 1 (None: not tied to a line)."""

    def __init__(self, message: str, *, path: str = "", line: int | None = None, file: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.file = file

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        return ": ".join(part for part in (place, self.path, self.message) if part)


class InputError(UsageError):
    """A line of input that cannot be used; `line` counts from 1."""

    def __init__(self, message: str, *, source: str = "stdin", line: int) -> None:
        super().__init__(f"{source}:{line}: {message}")
        self.line = line


class PassRunning(OtklikError):
    exit_code = 75


class NotFound(OtklikError):
    pass


class Conflict(OtklikError):
    pass


class FetchError(OtklikError):
    pass


class Unreachable(FetchError):
    pass


class PageTooLarge(FetchError):
    pass


class RobotsDenied(FetchError):
    pass


class AddressRefused(FetchError):
    pass


class TransportError(OtklikError):
    """`permanent`: trying again cannot help (a refused recipient); otherwise it is retried."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class NoWorkingTime(OtklikError):
    pass


class StoreError(OtklikError):
    pass


class Unfolded(StoreError):
    pass


class TemplateError(OtklikError):
    pass


class ModelUnusable(OtklikError):
    pass
