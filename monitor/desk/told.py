"""What a ticket's page says after something was done or refused, and where on it."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.actions import EditConflict, Faulty, Held, Personal
from monitor.desk.answer import US
from monitor.desk.context import Desk
from monitor.desk.sheet import People
from monitor.desk.visit import Form, Visit
from monitor.errors import OtklikError
from monitor.notify.render import capitalised


@dataclass(frozen=True, slots=True)
class Told:
    """`section`: the part of the page that says it. `onward`: what the next ticket's page says instead, after the
    number of this one. `stands`: that is how the ticket stands now, and need not be said twice."""

    section: str
    sentence: str
    onward: str = ""
    stands: bool = False


DONE: Mapping[str, Told] = {
    "taken": Told("hand", "Отзыв записан на Вас."),
    "released": Told("hand", "Отзыв свободен: его может взять любой."),
    "assigned": Told("hand", "Отзыв передан."),
    "acknowledged": Told("hand", "Отмечено: Вы знаете об отзыве. Напоминаний не будет, пока срок не изменится."),
    "saved": Told("reply", "Ответ сохранён."),
    "unchanged": Told("reply", "Ответ не изменился, сохранять нечего."),
    "exchanged": Told("reply", "Предложение заменено, ответ сохранён."),
    "redrafted": Told("reply", "Ответ написан заново. Прежний — ниже, среди прежних вариантов."),
    "approved": Told("reply", "Ответ одобрен, осталось опубликовать его.", stands=True),
    "submitted": Told(
        "reply",
        "Отмечено, срок остановлен. Если ответ не появится на площадке, отзыв вернётся в очередь.",
        "ответ отмечен как опубликованный",
        stands=True,
    ),
    "published": Told("reply", "Площадка приняла ответ. Срок остановлен.", "площадка приняла ответ", stands=True),
    "pending": Told(
        "reply",
        "Площадка приняла ответ и проверяет его. Чем кончится проверка, покажем, когда снова прочитаем отзывы.",
        "площадка приняла ответ и проверяет его",
        stands=True,
    ),
    "retracted": Told("reply", "Ответ снят с площадки. Отзыв снова ждёт ответа."),
    "fault_rewritten": Told("fault", "Отмечено, ответ написан заново."),
    "fault_kept": Told(
        "fault",
        "Отмечено. Ответ написан человеком и остался как был: поправьте его сами или попросите написать заново.",
    ),
    "fault_unchanged": Told("fault", "Так и было отмечено: ничего не изменилось."),
    "fault_missing": Told("fault", "Отмечено. Черновика ещё нет; когда он появится, это будет учтено."),
    "gesture_agreed": Told("gesture", "Жест согласован: предложите его автору лично."),
    "gesture_proposed": Told("gesture", "Это больше Вашего лимита: жест ждёт решения владельца."),
    "gesture_declined": Told("gesture", "Жест отклонён."),
    "gesture_withdrawn": Told("gesture", "Жест отозван."),
    "noted": Told("notes", "Заметка записана."),
    "disputed": Told("dispute", "Отмечено. Срок ответа остаётся прежним: жалоба его не останавливает."),
    "retagged_rewritten": Told("verdict", "Исправлено, ответ написан заново."),
    "retagged_kept": Told(
        "verdict",
        "Исправлено. Ответ написан или одобрен человеком и остался как был: поправьте его сами или попросите написать "
        "заново.",
    ),
    "retagged_missing": Told("verdict", "Исправлено. Новый ответ будет написан при ближайшем проходе."),
    "retagged": Told("verdict", "Исправлено."),
    "retagged_unchanged": Told("verdict", "Так и было отмечено: ничего не изменилось."),
    "dismissed": Told("closing", "Отзыв закрыт без ответа.", "закрыт без ответа"),
    "reopened": Told("reply", "Отзыв снова ждёт ответа, срок считается заново."),
    "restored": Told("reply", "Отзыв снова ждёт ответа. Срок прежний; если он почти вышел, есть четверть часа."),
}
"""By the key in the address."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something was not done. `conflict`: because a colleague's words were saved meanwhile."""

    section: str
    sentence: str
    conflict: EditConflict | None = None


class Given:
    """What was filled in where it was refused, so that nobody types it twice. Forms of other parts are as ever."""

    def __init__(self, refused: Refused | None, form: Form) -> None:
        self._section = "" if refused is None else refused.section
        self._form = form

    def __call__(self, section: str, name: str, otherwise: str = "") -> str:
        return self._form[name] if section == self._section and name in self._form else otherwise

    def has(self, section: str, name: str, value: str, otherwise: bool = False) -> bool:
        """Whether that was chosen; `name` may be chosen several times."""
        return value in self._form.all(name) if section == self._section else otherwise


def sentence(words: str) -> str:
    return capitalised(words).rstrip(".") + "."


def why(desk: Desk, visit: Visit, refusal: OtklikError) -> str:
    """Why something was not done, with people's names in the place of logins."""
    people = People.of(desk, visit)
    if isinstance(refusal, EditConflict):
        if refusal.author == people.login:
            return "Пока Вы писали, в другом окне сохранён другой Ваш ответ. Сравните оба."
        return f"Пока Вы писали, появился другой ответ. Его автор: {people(refusal.author) or US}. Сравните оба."
    if isinstance(refusal, Held):
        return f"Отзывом занимается {people(refusal.holder)}. Договоритесь или заберите отзыв себе."
    if isinstance(refusal, Personal):
        return sentence(refusal.told(people))
    if isinstance(refusal, Faulty):
        return " ".join(map(sentence, (*refusal.messages, "исправьте ответ")))
    return desk.pages.sentence(refusal)
