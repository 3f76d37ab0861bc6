"""What may stay in a masked page although it is a word: the language of sites, never of people. Data only.

Words are compared without regard to case; a page may say «вчера» in a review too, and it stays there: such words
name nobody. To keep another word of a site, add it here.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MONTHS = _words(
    """
    январь января янв февраль февраля фев март марта мар апрель апреля апр май мая июнь июня июн июль июля июл август
    августа авг сентябрь сентября сен сент октябрь октября окт ноябрь ноября ноя нояб декабрь декабря дек january jan
    february feb march mar april apr may june jun july jul august aug september sep sept october oct november nov
    december dec
    """
)
"""Some are people's names, too: with a capital they are kept beside a number only."""

INTERFACE = MONTHS | _words(
    """
    mon tue wed thu fri sat sun gmt utc msk назад вчера сегодня позавчера только что минуту минуты минут
    мин час часа часов день дня дней неделю недели недель месяц месяца месяцев год года лет ago yesterday today
    достоинства недостатки отзыв отзыва отзывов отзывы оценка оценки оценок голос голоса голосов рейтинг one two three
    four five pending rejected approved published none null true false nan undefined 2gis flamp yandex google booking
    foursquare 4sq review reviews person organization organisation localbusiness aggregaterating rating itemlist
    listitem size resize nbsp amp quot apos lt gt laquo raquo mdash ndash hellip
    """
)
"""Kept wherever they stand: month names, «2 недели назад», box titles, values that sites choose from a list."""

PHRASES = (
    "Ой, Капча",
    "Вы робот",
    "вы не робот",
    "временно запрещен",
    "временно запрещён",
    "Технический перерыв",
    "Страница не найдена",
    "Официальный представитель",
    "Представитель компании",
    "Читать весь отзыв",
    "Общее впечатление",
    "Всего отзывов",
    "Знаток города",
    "проверяем ваш браузер",
    "Подтвердите, что запросы отправляли вы",
    "Translated by Google",
    "Original",
    "STAR_RATING_UNSPECIFIED",
    "SERVICE_DISABLED",
    "RESOURCE_EXHAUSTED",
    "RATE_LIMIT_EXCEEDED",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "NOT_FOUND",
    "authentication scopes",
    "invalid_grant",
    "invalid_client",
    "unauthorized_client",
)
"""Wordings that parsers look for: kept whole, in exactly this case, while their words alone are replaced."""

CODE = INTERFACE | _words(
    """
    var let const function return window document drupal settings jquery extend json parse push new typeof type site
    nid pid rid uid id title name url text src href content charset audio js css capt4a html body head location
    """
)
"""Outside of strings in scripts."""

PATHS = INTERFACE | _words(
    """
    maps org content profile profiles user users product products node comment comments html htm php js css xml rss
    feed atom json api v1 v2 v3 v4 branches branch firm tab accounts account locations location reply r get i photo
    photos image images img avatar avatars static assets scripts script captcha showcaptcha checkcaptcha index audio
    page pages list search sprav edit p s3 favicon ico png jpg jpeg webp gif svg tmpproxy w url
    """
)
"""Parts of a path that are the site's, not a person's."""

QUERY_NAMES = _words(
    """
    page order new key limit offset sort sort_by locale lang fields ranking retpath capt4a rated
    without_my_first_review pagesize pagetoken orderby token rand utm_source utm_medium utm_campaign id q s u mt t k r
    v type
    """
)
QUERY_VALUES = _words("date_created date_edited date_desc by_time by_rating ru_RU ru en review true false")

HOSTS = (
    *("yandex.ru", "yandex.net", "yandex.com", "ya.ru", "yastatic.net", "2gis.ru", "2gis.com", "flamp.ru"),
    *("google.com", "google.ru", "googleapis.com", "googleusercontent.com", "gstatic.com", "ggpht.com"),
    *("otzovik.com", "irecommend.ru", "example", "example.com", "example.ru", "localhost", "127.0.0.1"),
)
"""Hosts (and their subdomains) that say nothing about a person; another one may be somebody's own page."""

NAMESPACES = frozenset(
    (
        *("schema.org", "www.schema.org", "www.w3.org", "ogp.me", "purl.org", "data-vocabulary.org"),
        *("www.sitemaps.org", "search.yahoo.com", "www.itunes.com", "rdfs.org", "wellformedweb.org"),
    )
)
"""Hosts whose addresses are names of vocabularies and stay whole."""

ENUM_KEYS = _words(
    """
    @type @context type mode locale lang language textLanguage inLanguage ranking provider hiding_type hiding_reason
    status state starRating reviewReplyState sort_by rtbType userReaction error reason domain code priceCurrency
    """
)
"""JSON keys whose values are chosen from a list: kept where they look like that (one ASCII token)."""

COUNT_KEYS = ("count", "total", "offset", "limit", "votes", "size", "width", "height", "number", "likes", "price")
"""A JSON key that holds one of these has a number in it that is no identifier."""

TAGS = _words(
    """
    a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption center cite code
    col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer
    form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link
    main map mark menu meta meter nav nobr noindex noscript object ol optgroup option output p param picture pre
    progress q rp rt ruby s samp script search section select slot small source span strike strong style sub summary
    sup table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr svg path g circle
    rect line polyline polygon ellipse text tspan defs use symbol clippath mask image filter lineargradient
    radialgradient stop animate desc rss channel item description pubdate lastbuilddate guid author category enclosure
    generator language copyright ttl feed entry id updated published content name uri email rights subtitle rdf rating
    """
)
"""Elements of HTML, SVG, RSS and Atom. A name with a hyphen or a colon is a site's own element and stays too."""

ATTRIBUTES = _words(
    """
    accept action align alt as async autocomplete autofocus background bgcolor border cellpadding cellspacing charset
    checked cite class color cols colspan content contenteditable controls coords crossorigin data datetime decoding
    defer dir disabled download draggable enctype face fetchpriority fill for form formaction frameborder headers
    height hidden href hreflang id integrity is itemid itemprop itemref itemscope itemtype label lang language link
    list loading loop max maxlength media method min multiple muted name nonce novalidate nowrap onclick onload open
    pattern placeholder poster prefix preload property readonly referrerpolicy rel required reversed role rows rowspan
    sandbox scope scrolling selected shape size sizes slot span spellcheck src srcdoc srcset start step style summary
    tabindex target title translate type typeof usemap valign value version vocab width wrap xmlns encoding standalone
    points viewbox transform stroke
    """
)

TOKEN_ATTRIBUTES = _words(
    """
    class id itemprop itemscope type rel name property http-equiv charset lang xml:lang hreflang dir role for method
    enctype target media sizes as crossorigin loading tabindex width height scope colspan rowspan version encoding
    typeof prefix autocomplete align valign border checked disabled hidden selected data-testid data-qa data-type
    data-role data-react-helmet
    """
)
"""Attributes whose values are names that the site's own code gave."""

ADDRESS_ATTRIBUTES = _words(
    "href src action formaction poster cite data-href data-src data-url itemtype itemid xmlns background vocab"
)
