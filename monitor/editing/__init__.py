"""What the reply editor of the desk needs; nothing here changes anything.

reply    while a person writes: what the linter says, how much of the site's limit is used
review   why the review is here: its marked text, the reason in a sentence, the sentence that tells most
editor   both, and other wordings, by ticket
"""

from monitor.editing.editor import Editing
from monitor.editing.reply import Case, Counter, Note
from monitor.editing.review import Mark, Segment

__all__ = ["Case", "Counter", "Editing", "Mark", "Note", "Segment"]
