/* A ticket: checks while one writes, other wordings in place, copying, keys; and no words are lost. */
(() => {
  "use strict";

  const status = document.getElementById("now");
  if (!status) return;

  const form = document.getElementById("editor");
  const text = document.getElementById("text");
  const path = `/t/${status.dataset.ticket}`;
  const home = status.dataset.href;

  /* What only a script can do comes, what only stood in for it goes. */
  const enliven = (root) => {
    for (const one of root.querySelectorAll("[data-scripted]")) one.hidden = false;
    for (const one of root.querySelectorAll("[data-unscripted]")) one.hidden = true;
  };
  enliven(document);

  const fields = (names) => {
    const sent = new URLSearchParams();
    for (const [name, value] of Object.entries(names)) sent.set(name, value);
    sent.set("csrf", document.querySelector("input[name=csrf]").value);
    return sent;
  };

  const ask = (end, names, options = {}) =>
    otklik.fetchFragment(`${path}/${end}`, { method: "POST", body: fields(names), ...options });

  /* --- words that nobody saved ----------------------------------------------------------------------- */

  let leaving = false;

  const shelfOf = (ticket) => `otklik.reply.${status.dataset.login}.${ticket}`;
  const shelf = shelfOf(status.dataset.ticket);
  const keeps = (() => {
    try {
      sessionStorage.setItem("otklik.probe", "1");
      sessionStorage.removeItem("otklik.probe");
      return true;
    } catch {
      return false;
    }
  })();
  const saved = form && !("unsaved" in form.dataset) ? text.defaultValue : null;
  const isChanged = () => text.value.trim() !== (saved ?? "").trim();

  const forget = (name) => { if (keeps) sessionStorage.removeItem(name); };

  const remember = () => {
    if (!isChanged() || !text.value.trim()) forget(shelf);
    else if (keeps) sessionStorage.setItem(shelf, JSON.stringify({ base: form.dataset.base, text: text.value }));
  };

  const remembered = () => {
    try {
      const found = keeps ? JSON.parse(sessionStorage.getItem(shelf)) : null;
      return typeof found?.text === "string" && typeof found.base === "string" ? found : null;
    } catch {
      return null;
    }
  };

  const write = (words) => {
    text.value = words;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };

  /* A line below the editor, with something to press. */
  const tell = (line, label, press) => {
    const place = document.getElementById("kept");
    const button = otklik.element("button", { type: "button", className: "button plain", textContent: label });
    button.addEventListener("click", () => {
      place.hidden = true;
      press();
    });
    place.replaceChildren(`${line} `, button);
    place.hidden = false;
  };

  /* The words were written against another reply: the server shows both. */
  const compare = (kept) => {
    form.querySelector("[name=base]").value = kept.base;
    text.value = kept.text;
    leaving = true;
    form.requestSubmit(document.getElementById("save"));
  };

  const restore = () => {
    const kept = remembered();
    if ("unsaved" in form.dataset) remember();
    else if (!kept || kept.text.trim() === text.value.trim()) forget(shelf);
    else if (kept.base === form.dataset.base) {
      const before = text.value;
      write(kept.text);
      tell("Восстановлен Ваш несохранённый текст.", "Вернуть сохранённый", () => write(before));
    } else if (document.getElementById("save")) {
      tell("У Вас остался несохранённый текст, а ответ с тех пор изменился.", "Сравнить", () => compare(kept));
    }
  };

  /* --- what is wrong with them ------------------------------------------------------------------------------ */

  const PAUSE = 300;
  let waiting = 0;
  let asking = null;

  const check = async () => {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    try {
      const answer = await ask("lint", { text: text.value }, { signal: mine.signal });
      if (mine.signal.aborted) return;
      const place = document.getElementById("lint");
      if (answer.status === 200) {
        place.innerHTML = answer.text;
        enliven(place);
      } else if (answer.status === 413) place.replaceChildren(otklik.element("p", { className: "error", textContent: answer.text }));
      const force = document.getElementById("force");
      if (force) force.hidden = !Number(document.getElementById("checked")?.dataset.errors ?? 1);
    } catch { /* the next key asks again, and saving checks in any case */ }
  };

  const select = (start, end) => {
    text.focus();
    text.setSelectionRange(start, end);
    const share = start / Math.max(text.value.length, 1);
    text.scrollTop = Math.max(0, text.scrollHeight * share - text.clientHeight / 2);
  };

  /* --- other wordings ------------------------------------------------------------------------------------------- */

  const others = document.getElementById("other-words");
  let shownFor = null;

  const showOthers = async () => {
    if (!others?.open || shownFor === text.value) return;
    const place = document.getElementById("swaps-box");
    const words = text.value;
    place.replaceChildren(otklik.element("p", { className: "quiet", textContent: "Подбираем…" }));
    try {
      const answer = await ask("swaps", { text: words });
      if (answer.status === 200) {
        place.innerHTML = answer.text;
        shownFor = words;
      } else {
        place.replaceChildren(otklik.element("p", { className: "error", textContent: answer.status === 413 ? answer.text : "Не получилось. Обновите страницу." }));
      }
    } catch {
      place.replaceChildren(otklik.element("p", { className: "error", textContent: "Нет связи с сервером." }));
    }
  };

  const exchange = (button) => {
    const sentence = button.closest(".swap");
    const [start, end] = [Number(sentence.dataset.start), Number(sentence.dataset.end)];
    const others = [...document.querySelectorAll(".swap")];
    const before = text.value.slice(start, end);
    const after = button.textContent;
    text.setRangeText(after, start, end, "select");
    sentence.dataset.end = start + after.length;
    for (const one of others.slice(others.indexOf(sentence) + 1)) {
      one.dataset.start = Number(one.dataset.start) + after.length - before.length;
      one.dataset.end = Number(one.dataset.end) + after.length - before.length;
    }
    sentence.querySelector("summary").textContent = after;
    button.textContent = before;
    shownFor = text.value;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };

  /* --- the editor --------------------------------------------------------------------------------------------------- */

  if (form) {
    text.addEventListener("input", () => {
      remember();
      clearTimeout(waiting);
      waiting = setTimeout(check, PAUSE);
      if (others?.open && shownFor !== text.value) {
        document.getElementById("swaps-box").replaceChildren(
          otklik.element("button", { type: "button", className: "button", textContent: "Подобрать заново", onclick: showOthers }),
        );
      }
    });
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit();
      } else if (event.key === "Escape") {
        text.blur();
      }
    });
    others?.addEventListener("toggle", showOthers);
    addEventListener("beforeunload", (event) => {
      if (leaving || !isChanged() || !text.value.trim()) return;
      event.preventDefault();
      event.returnValue = "";
    });
  }

  document.addEventListener("submit", (event) => {
    leaving = event.target === form || keeps;
    const button = event.submitter;
    if (button) button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => {
    leaving = false;
    for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button, a");
    if (button?.getAttribute("aria-disabled") === "true") event.preventDefault();
    else if (button?.matches(".spot")) select(Number(button.dataset.start), Number(button.dataset.end));
    else if (button?.matches(".other") && shownFor === text.value) {
      event.preventDefault();
      exchange(button);
    } else if (button?.matches("[data-forget]")) {
      forget(shelf);
      leaving = true;
    } else if (button?.matches("[data-copy]")) {
      const copied = await otklik.copy(text.value);
      otklik.toast(copied ? "Ответ скопирован." : "Скопировать не получилось: выделите текст и скопируйте сами.");
    }
    const mark = event.target.closest(".said mark");
    if (mark && !getSelection().toString()) otklik.toast(mark.title);
  });

  /* --- what colleagues do meanwhile ---------------------------------------------------------------------------- */

  const EVERY = 20_000;
  const seen = status.dataset.stamp;

  const isBusy = (shown) => shown.contains(document.activeElement) || shown.querySelector("details[open]");

  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await otklik.fetchFragment(home);
        if (answer.status === 401) {
          announce("Сеанс закончился. Войдите снова в новой вкладке: написанное здесь не пропадёт. ", "/", "Войти", "_blank");
        } else if (answer.status === 200) renew(new DOMParser().parseFromString(answer.text, "text/html").getElementById("now"));
      } catch { /* asked again soon */ }
    }
    setTimeout(look, EVERY * (0.8 + 0.4 * Math.random()));
  };

  const announce = (line, href, textContent, target = "") => {
    const news = document.getElementById("news");
    news.replaceChildren(line, otklik.element("a", { href, textContent, target }));
    news.hidden = false;
  };

  const renew = (fresh) => {
    const shown = document.getElementById("now");
    if (!fresh || !shown) return;
    if (fresh.dataset.stamp !== seen) announce("Отзыв изменился, пока Вы здесь. ", home, "Показать");
    else if (fresh.dataset.hand !== shown.dataset.hand) announce("Отзыв перешёл в другие руки, пока Вы здесь. ", home, "Показать");
    if (!isBusy(shown)) {
      shown.replaceWith(fresh);
      otklik.setClock(document);
      otklik.countdown(fresh);
    }
  };

  setTimeout(look, EVERY);

  /* What a link of the page leads to is open when they get there. */
  for (const link of document.querySelectorAll('.review a[href="#verdict"]')) {
    link.addEventListener("click", () => {
      document.getElementById("verdict").open = true;
    });
  }

  /* --- keys ------------------------------------------------------------------------------------------------------- */

  const press = (key, otherwise) => () => {
    const found = document.querySelector(`[data-key="${key}"]`);
    if (!found || found.hidden) return otklik.toast(otherwise);
    for (let box = found.closest("details:not([open])"); box && !found.matches("summary"); box = box.parentElement.closest("details:not([open])")) box.open = true;
    found.scrollIntoView({ block: "nearest" });
    if (found.matches("textarea")) found.focus();
    else found.click();
    const panel = found.matches("summary") ? found.parentElement : null;
    panel?.querySelector("input[type=radio], button")?.focus();
    return undefined;
  };

  otklik.keys("Отзыв", {
    e: { does: "править ответ, Esc — выйти из редактора", run: press("e", "Этот ответ править нельзя.") },
    a: { does: "одобрить", run: press("a", "Одобрять нечего.") },
    c: { does: "скопировать ответ", run: press("c", "Копировать нечего.") },
    o: { does: "открыть кабинет площадки", run: press("o", "У этого отзыва нет кабинета.") },
    t: { does: "взять себе или забрать", run: press("t", "Отзыв уже у Вас или закрыт.") },
    d: { does: "закрыть без ответа", run: press("d", "Закрыть этот отзыв нельзя.") },
    n: { does: "следующий в очереди", run: press("n", "Это последний отзыв.") },
    p: { does: "предыдущий в очереди", run: press("p", "Это первый отзыв.") },
    q: { does: "к очереди", run: press("q", "") },
    "Ctrl+Enter": { does: "в редакторе: сохранить", run: () => false },
  });

  const OF_WORDS = ["saved", "unchanged", "exchanged", "redrafted", "approved", "submitted", "published", "pending"];

  /* What was done is said once, not again with every reload. */
  const here = new URL(location.href);
  if (here.searchParams.has("done")) {
    if (OF_WORDS.includes(here.searchParams.get("done"))) forget(shelfOf(here.searchParams.get("of") ?? status.dataset.ticket));
    here.searchParams.delete("done");
    here.searchParams.delete("of");
    history.replaceState(null, "", here);
  }
  if (form) restore();
})();
