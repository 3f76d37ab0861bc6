"""The books of phrases as people know them: what each is for, what its lists hold, what may stand in a phrase."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor import wording
from responders.choose import Frame
from responders.editions import book_of
from responders.kit import ASKS
from responders.phrasebook import PARTS
from responders.types import Brand
from sentiment.types import Risk, Theme

FRAMES: Mapping[Frame, str] = {
    Frame.THANKS: "Похвала",
    Frame.THANKS_OPEN: "Похвала, похоже, с пожеланием",
    Frame.THANKS_QUIET: "Похвала в отзыве об утрате",
    Frame.STARS_ONLY: "Высокая оценка без слов",
    Frame.THANKS_WITH_REGRET: "Похвала с замечанием",
    Frame.THANKS_UNSURE: "Непонятно, доволен ли автор",
    Frame.GENTLE_REGRET: "Добрые слова, низкая оценка",
    Frame.REGRET_STARS_ONLY: "Низкая оценка без слов",
    Frame.REGRET: "Жалоба, вина не подтверждена",
    Frame.APOLOGY: "Вина подтверждена",
    Frame.CORRECTION: "Проверено, вины нет",
    Frame.MISTAKEN: "Отзыв не о нас",
    Frame.DANGER: "Опасность",
}
"""Kinds of reply, in the order of pages."""

SECTORS: Mapping[str, str] = {
    "food": "кафе и рестораны",
    "shop": "магазины",
    "clinic": "клиники",
    "beauty": "салоны красоты",
    "hotel": "гостиницы",
    "cars": "автосервисы",
    "delivery": "доставка",
    "bank": "банки",
    "other": "другое",
}

KINDS: Mapping[Theme, Mapping[str, str]] = {
    Theme.STAFF: {
        "polite": "вежливость", "attentive": "внимание", "competent": "знание дела", "helped": "помощь",
        "rude": "грубость", "indifferent": "равнодушие", "ignorant": "незнание", "pushed": "навязывание",
    },
    Theme.WAITING: {"queue": "очередь", "late": "опоздание к назначенному времени", "quick": "быстро"},
    Theme.QUALITY: {
        "food": "еда", "taste": "вкус", "freshness": "свежесть", "cold-dish": "остывшее блюдо", "goods": "товар",
        "goods-broken": "товар сломался", "work": "работа", "work-badly": "работа сделана плохо",
    },
    Theme.CLEANLINESS: {
        "smell": "запах", "toilet": "туалет", "hair-in-food": "волос в еде", "vermin": "насекомые и грызуны",
    },
    Theme.PRICE: {
        "cheap": "недорого", "dear": "дорого", "worth": "стоит своих денег", "not-worth": "не стоит своих денег",
        "discount": "скидки и акции",
    },
    Theme.ATMOSPHERE: {
        "cosy": "уют", "place": "интерьер и вид", "music": "музыка", "noise": "шум", "air": "воздух",
        "crowd": "теснота",
    },
    Theme.DELIVERY: {"courier": "курьер", "delivery-late": "опоздание", "packing": "упаковка"},
    Theme.BOOKING: {
        "nobody-answers": "не дозвониться", "booking-lost": "бронь потеряли", "cancelled": "запись отменили",
    },
    Theme.PAYMENT: {
        "bill": "ошибка в счёте", "charged": "списали деньги", "refund": "возврат", "cards": "оплата картой",
    },
    Theme.DECEIT: {"honest": "честность", "hidden": "скрытые условия", "not-as-shown": "не то, что показано"},
    Theme.SAFETY: {"slippery": "скользко", "unsafe-things": "опасные вещи", "guards": "охрана"},
    Theme.ASSORTMENT: {"choice": "выбор", "menu": "меню", "out-of-stock": "нет в наличии"},
    Theme.LOCATION: {
        "near": "близко", "parking": "парковка", "entrance": "вход", "hard-to-find": "трудно найти",
    },
}  # fmt: skip
"""The finer things that are said of a theme, as far as phrases tell them apart."""

KIND_TITLES: Mapping[str, str] = {kind: title for kinds in KINDS.values() for kind, title in kinds.items()}

NUMBERS: Mapping[str, str] = {
    "masculine": "он: «понравился кофе»",
    "feminine": "она: «понравилась пицца»",
    "neuter": "оно: «понравилось мороженое»",
    "plural": "они: «понравились десерты»",
}
"""How the name of a thing agrees."""

_PARTS: Mapping[str, str] = {
    "greetings": "Приветствие",
    "openings": "Начало ответа",
    "middles": "Главная мысль",
    "measures": "Что уже сделали",
    "contacts": "Приглашение связаться",
    "closings": "Прощание",
}
WITHOUT: Mapping[str, str] = {
    "greetings": "приветствия",
    "openings": "начала",
    "middles": "главной мысли",
    "measures": "того, что уже сделали",
    "contacts": "приглашения связаться",
    "closings": "прощания",
}
"""Parts that a reply goes without."""
_OF_THEMES: Mapping[str, str] = {
    "praise": "Тему похвалили",
    "complaint": "На тему жалуются",
    "apology": "Вина подтверждена",
}
_ASKS: Mapping[str, str] = {
    "question": "Автор спрашивает",
    "refund": "Автор хочет вернуть деньги",
    "contact": "Автор просит связаться",
    "suggestion": "Автор что-то предлагает",
    "again": "Автор хвалит не впервые",
    "again_complaint": "Автор жалуется не впервые",
    "praised": "В жалобе есть и похвала",
}
_SHARED: Mapping[str, str] = {
    "warm": "Приветствие под похвалой",
    "calm": "Приветствие спокойное",
    "reach": "Как с нами связаться",
    "farewell": "Прощание под похвалой",
}


LAYOUT = "layout"
"""The one list of the layout, whose one row is the template."""

ORDER: tuple[tuple[str, str], ...] = (
    ("greeting", "приветствие"),
    ("opening", "начало ответа"),
    ("middle", "главное: о чём пишет автор"),
    ("contact", "приглашение связаться"),
    ("closing", "прощание"),
    ("signature", "подпись"),
)
"""What the template joins."""


class Group(StrEnum):
    FRAMES = "Виды ответов"
    THEMES = "Темы"
    SPECIAL = "Особые случаи"
    COMMON = "Общее"


class Sort(StrEnum):
    """How the files of a book go together: a frame's, the things and the layout replace the whole file, of the others
    each list does by itself. The layout is no lists: a template that joins what is taken from them."""

    FRAME = "frame"
    THEME = "theme"
    RISKS = "risks"
    ASKS = "asks"
    TOPICS = "topics"
    SHARED = "shared"
    LAYOUT = "layout"


@dataclass(frozen=True, slots=True)
class Book:
    """`name`: path below `replies/`, with the sector where it has a file of its own. `lists`: titles by name, in their
    order; a frame's and shared.yaml may have more, or fewer."""

    name: str
    title: str
    group: Group
    sort: Sort
    lists: Mapping[str, str]

    @property
    def id(self) -> str:
        """As it stands in addresses: `clinic.themes.waiting`."""
        return self.name.removesuffix(".yaml").removesuffix(".txt.j2").replace("/", ".")

    @property
    def stem(self) -> str:
        """The kind of reply or the theme: `thanks`, `waiting`."""
        return self.name.removesuffix(".yaml").rpartition("/")[2]

    @property
    def frame(self) -> Frame:
        return Frame(self.stem)

    @property
    def theme(self) -> Theme:
        return Theme(self.stem)

    @property
    def whole(self) -> bool:
        """Whether what is set at the desk stands for the whole file, not for some of its lists."""
        return self.sort in (Sort.FRAME, Sort.TOPICS, Sort.LAYOUT)

    @property
    def by_row(self) -> bool:
        """Whether its rows are changed one by one, not only as a text."""
        return self.sort is not Sort.LAYOUT

    def list_title(self, name: str) -> str:
        return self.lists.get(name, name)


def books(sector: str, exists: Callable[[str], bool]) -> tuple[Book, ...]:
    """All that a business of this sector speaks by; `exists`: whether there is such a file anywhere."""
    found = [
        *(Book(f"{frame}.yaml", title, Group.FRAMES, Sort.FRAME, _PARTS) for frame, title in FRAMES.items()),
        *(
            Book(f"themes/{theme}.yaml", _capital(wording.THEMES[theme]), Group.THEMES, Sort.THEME, _OF_THEMES)
            for theme in Theme
        ),
        Book(
            "risks.yaml",
            "Что сказать об опасности",
            Group.SPECIAL,
            Sort.RISKS,
            {risk.value: _capital(wording.RISKS[risk]) for risk in Risk},
        ),
        Book("asks.yaml", "Просьбы и вопросы", Group.SPECIAL, Sort.ASKS, _ASKS),
        Book("shared.yaml", "Приветствия, прощания, связь", Group.COMMON, Sort.SHARED, _SHARED),
        Book("topics.yaml", "Предметы, о которых пишут", Group.COMMON, Sort.TOPICS, {"topics": "Предметы"}),
        Book("reply.txt.j2", "Порядок частей ответа", Group.COMMON, Sort.LAYOUT, {LAYOUT: "Шаблон"}),
    ]
    return tuple(
        Book(own, book.title, book.group, book.sort, book.lists)
        if sector and exists(own := f"{sector}/{book.name}")
        else book
        for book in found
    )


def titled(name: str) -> str:
    """A book by its name below `replies/`, in words: `Похвала (thanks.yaml)`."""
    own = book_of(name)
    title = next((book.title for book in books("", lambda _: False) if book.name == own), "")
    return f"{title} ({name})" if title else name


assert set(_ASKS) == ASKS
assert set(PARTS) <= _PARTS.keys()


# --- what may stand in a phrase -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slot:
    """`name` in curly brackets becomes the `example`; `always`: known for every review."""

    name: str
    meaning: str
    example: str
    always: bool = False


def slots(book: Book, name: str, brand: Brand, place: str) -> tuple[Slot, ...]:
    """What a phrase of that list may use, as far as the config says it; `place`: the title that replies name."""
    known = {
        "business": brand.name,
        "signature": brand.signature or brand.name,
        "place": place,
        "phone": brand.contact.phone,
        "email": brand.contact.email,
        "emoji": brand.emoji,
    }
    found = [Slot("name", "имя автора, если он назвался", "Анна")]
    found += _SLOTS.get((book.sort, name), _SLOTS.get((book.sort, ""), ()))
    if book.sort is Sort.THEME and book.theme is Theme.STAFF and name == "praise":
        found.append(Slot("person", "кого благодарят по имени", "мастеру Марине"))
    if book.sort is Sort.SHARED and name == "reach":
        contacts = (("phone", "телефон, где площадка его разрешает"), ("email", "почта, где её разрешают"))
        found += [Slot(slot, meaning, known[slot]) for slot, meaning in contacts if known[slot]]
        found.append(Slot("card", "где виден телефон, если писать его нельзя", "нашей карточки"))
    if known["emoji"] and name in ("closings", "farewell", "openings"):
        found.append(Slot("emoji", "смайлик, только под похвалой", known["emoji"]))
    fixed = (("business", "название"), ("place", "точка"), ("signature", "подпись, она и так стоит в конце"))
    found += [Slot(slot, meaning, known[slot], always=True) for slot, meaning in fixed if known[slot]]
    return tuple(found)


_REACH = (Slot("reach", "как с нами связаться", "позвоните нам по телефону", always=True),)
_NAMED = (Slot("about", "о чём пишет автор, если он это назвал", "о десертах"),)
_SLOTS: Mapping[tuple[Sort, str], tuple[Slot, ...]] = {
    (Sort.FRAME, "contacts"): _REACH,
    (Sort.FRAME, "measures"): (Slot("measure", "что сделали, словами коллеги", "сменили поставщика", always=True),),
    (Sort.ASKS, "question"): _REACH,
    (Sort.ASKS, "refund"): _REACH,
    (Sort.ASKS, "contact"): _REACH,
    (Sort.ASKS, "praised"): _NAMED,
    (Sort.THEME, "praise"): (
        *_NAMED,
        Slot("liked", "«понравились» в нужном числе", "понравились"),
        Slot("topic", "что понравилось, если автор это назвал", "десерты"),
    ),
    (Sort.THEME, "complaint"): _NAMED,
    (Sort.THEME, "apology"): _NAMED,
}  # fmt: skip


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
