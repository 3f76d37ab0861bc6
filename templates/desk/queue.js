/* The queue: keys, the draft inside the list, and news without losing the place. */
(() => {
  "use strict";

  const live = document.getElementById("live");
  if (!live) return;

  const { element } = otklik;
  const news = document.getElementById("news");

  /* --- rows and where one is ------------------------------------------------------------------------- */

  const rows = () => [...live.querySelectorAll(".ticket")];
  const inSight = () => rows().filter((row) => row.offsetParent);
  const say = (row) => row.querySelector(".say");
  const number = (row) => row.id.slice(1);
  let latest = null;

  const current = () => {
    const focused = document.activeElement?.closest?.(".ticket");
    return focused ?? (latest && document.getElementById(latest));
  };

  live.addEventListener("focusin", (event) => { latest = event.target.closest(".ticket")?.id ?? latest; });

  const step = (by) => {
    const all = inSight();
    const at = all.indexOf(current());
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
    if (next) say(next).focus();
  };

  /* Runs `act` on the row where one is; without one, on the first. */
  const onRow = (act) => () => {
    const row = current() ?? inSight()[0];
    if (!row) return;
    if (!row.contains(document.activeElement)) say(row).focus();
    if (row.classList.contains("gone")) otklik.toast("Этого отзыва в списке уже нет.");
    else act(row);
  };

  /* --- what can be done ------------------------------------------------------------------------------- */

  let working = false;

  /* Sends a form of a row; the answer is the list as it is now, or a line that says why not. */
  const send = async (form, submitter, row) => {
    if (working) return;
    working = true;
    let stale = false;
    try {
      const answer = await otklik.post(form, submitter);
      if (answer.status === 200) apply(answer, row);
      else if (answer.status === 401) location.reload();
      else otklik.toast(answer.text.startsWith("<") ? "Не получилось. Обновите страницу." : answer.text);
      stale = answer.status === 409;
    } catch {
      stale = true; // it may have been done, and the answer lost
      otklik.toast("Сервер не ответил. Сделано ли это, покажет список: обновляем его.");
    } finally {
      working = false;
    }
    if (stale) poll();
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const address = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
    const ticket = /^\/queue\/(\d+)\/\w+$/.exec(address ?? "");
    if (form.method !== "post" || !ticket) return;
    event.preventDefault();
    send(form, event.submitter, `t${ticket[1]}`);
    form.closest("dialog")?.close();
  });

  const held = (name) => otklik.toast(`Отзывом занимается ${name}. Забрать его можно на странице отзыва.`);

  const take = (row) => {
    const button = row.querySelector(".take");
    if (button) button.form.requestSubmit(button);
    else if (row.querySelector(".hand.mine")) otklik.toast("Отзыв уже записан на Вас.");
    else held(row.querySelector(".hand")?.textContent ?? "другой");
  };

  /* The review and its draft below a row; the same once more closes it. */
  const peeked = (row) => row.querySelector(".peeked");

  const peek = async (row) => {
    if (peeked(row)) return peeked(row);
    const link = row.querySelector(".peek");
    try {
      const answer = await otklik.fetchFragment(`${link.href}?${new URLSearchParams({ back: document.querySelector("#act [name=back]").value })}`);
      if (answer.status !== 200 || peeked(row)) return peeked(row);
      row.insertAdjacentHTML("beforeend", answer.text);
      link.setAttribute("aria-expanded", "true");
      for (const button of row.querySelectorAll("[data-copy]")) button.hidden = false;
    } catch {
      otklik.toast("Нет связи с сервером.");
    }
    return peeked(row);
  };

  const unpeek = (row) => {
    const box = peeked(row);
    if (!box) return;
    if (box.contains(document.activeElement)) say(row).focus({ preventScroll: true });
    box.remove();
    row.querySelector(".peek").setAttribute("aria-expanded", "false");
  };

  const copy = async (row) => {
    const text = (await peek(row))?.dataset.draft;
    if (!text) otklik.toast("Черновика ещё нет.");
    else otklik.toast((await otklik.copy(text)) ? "Черновик скопирован." : "Скопировать не получилось: выделите текст и скопируйте сами.");
  };

  /* Nobody approves what they have not seen: the first press shows it. */
  const approve = async (row) => {
    const shown = Boolean(peeked(row));
    const box = await peek(row);
    const form = box?.querySelector("form");
    if (box?.dataset.held) held(box.dataset.held);
    else if (!form) otklik.toast("Одобрить нечего.");
    else if (shown) form.requestSubmit();
    else otklik.toast("Черновик перед Вами. Ещё раз a — одобрить.");
  };

  const dialog = document.getElementById("dismiss");
  let about = null;

  const dismiss = (row) => {
    about = row.id;
    const form = dialog.querySelector("form");
    form.reset();
    form.action = `/queue/${number(row)}/dismiss`;
    document.getElementById("dismiss-about").textContent = `Отзыв № ${number(row)}. ${row.querySelector(".about").textContent.trim()}`;
    dialog.showModal();
  };

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  dialog.addEventListener("close", () => {
    const row = document.getElementById(about);
    if (row) say(row).focus({ preventScroll: true });
  });

  const open = (row) => {
    const out = row.querySelector(".out");
    if (out) out.click();
    else otklik.toast("У этого отзыва нет ссылки на площадку.");
  };

  live.addEventListener("click", (event) => {
    const link = event.target.closest(".peek");
    const row = event.target.closest(".ticket");
    if (event.target.closest("[data-copy]")) copy(row);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (peeked(row)) unpeek(row);
    else peek(row);
  });

  /* --- news ------------------------------------------------------------------------------------------------ */

  const parser = new DOMParser();

  /* Where focus is, as something that the next version of a row has too. */
  const place = (row) => {
    const focused = document.activeElement;
    if (!row.contains(focused)) return null;
    return { id: row.id, className: [...focused.classList].at(-1) };
  };

  const refocus = (kept) => {
    const row = kept && document.getElementById(kept.id);
    if (!row || row.contains(document.activeElement)) return;
    const found = (kept.className && row.querySelector(`.${kept.className}`)) || say(row);
    found.focus({ preventScroll: true });
  };

  /* The row that must not move: the one under the pointer, else the focused, else the first in sight. */
  const anchor = () => {
    const visible = (row) => row.getBoundingClientRect().bottom > 60 && row.getBoundingClientRect().top < innerHeight;
    const all = rows();
    const held = [all.find((row) => row.matches(":hover")), all.find((row) => row.contains(document.activeElement))];
    const fixed = held.filter(Boolean).filter(visible);
    return fixed.length || scrollY > 60 ? [...fixed, ...all.filter(visible)] : [];
  };

  /* Rows that the new list has no more. Those at the end of one that goes on may only have come to stand further on. */
  const departed = (before, fresh) => {
    const ids = new Set([...fresh.querySelectorAll(".ticket")].map((row) => row.id));
    const goesOn = fresh.querySelector("#pager [rel=next]");
    const pushedOn = (row) => {
      const list = row.closest(".list");
      if (!goesOn && !fresh.querySelector(`#${list.id} .more`)) return false;
      const among = goesOn ? before : before.filter((other) => list.contains(other));
      return !among.slice(among.indexOf(row)).some((other) => ids.has(other.id));
    };
    return before.filter((row) => !ids.has(row.id) && !pushedOn(row));
  };

  /* A row that left while somebody was at it stays, told as such, until they leave it. */
  const isHeld = (row) => row.matches(":hover, :focus-within") || Boolean(peeked(row));

  const leave = (row) => {
    if (row.classList.contains("gone")) return;
    row.classList.add("gone");
    for (const button of row.querySelectorAll("button")) button.disabled = true;
    row.querySelector(".when").append(element("span", { className: "badge", textContent: "уже не в этом списке" }));
  };

  /* Makes these the children of `parent`, and moves none that stands right. */
  const settle = (parent, wanted) => {
    const staying = new Set(wanted);
    for (const child of [...parent.children]) if (!staying.has(child)) child.remove();
    let at = parent.firstElementChild;
    for (const child of wanted) {
      if (child === at) at = at.nextElementSibling;
      else parent.insertBefore(child, at);
    }
  };

  /* The row as it is now: the one that stands there where nothing but the time has changed. */
  const renewed = (before, after) => {
    if (!before) after.classList.add("fresh");
    if (before?.dataset.version === after.dataset.version && !before.classList.contains("gone")) return before;
    const box = before && peeked(before);
    if (box) after.append(box);
    return after;
  };

  const recount = (before, fresh) => {
    const wanted = [...fresh.children].map((link) => {
      const shown = document.getElementById(link.id) ?? link;
      shown.className = link.className;
      if (shown !== link) shown.replaceChildren(...link.childNodes);
      return shown;
    });
    settle(before, wanted);
    return before;
  };

  /* A list is kept and its rows renewed; `lists` gets what they shall be. */
  const part = (fresh, old, lists) => {
    const before = document.getElementById(fresh.id);
    if (before && fresh.id === "counts") return recount(before, fresh);
    if (before?.isEqualNode(fresh)) return before;
    if (!fresh.matches(".list")) return fresh;
    const wanted = [...fresh.querySelectorAll(".ticket")].map((row) => renewed(old.get(row.id), row));
    const shown = before ?? fresh;
    for (const name of before ? ["h2", ".more"] : []) {
      const [was, is] = [before, fresh].map((one) => one.querySelector(name));
      if (was && is) was.replaceWith(is);
      else if (is) before.append(is);
      else was?.remove();
    }
    lists.set(shown.querySelector(".tickets"), wanted);
    return shown;
  };

  /* Rows that are in no list any more; those that somebody is at stay where they stood. */
  const keepHeld = (gone, parts, lists) => {
    for (const row of gone.filter(isHeld)) {
      const list = row.parentElement;
      if (!lists.has(list)) {
        lists.set(list, []);
        parts.splice(1, 0, list.closest(".list"));
      }
      const wanted = lists.get(list);
      let before = row.previousElementSibling;
      while (before && !wanted.includes(before)) before = before.previousElementSibling;
      wanted.splice(wanted.indexOf(before) + 1, 0, row);
    }
  };

  /* Puts the new list in the place of the old one; how many rows are new. `done`: the row that was just dealt with. */
  const replace = (fresh, done) => {
    const before = rows();
    const old = new Map(before.map((row) => [row.id, row]));
    const kept = before.map(place).find(Boolean);
    const held = anchor().map((row) => [row.id, row.getBoundingClientRect().top]);
    const ids = new Set([...fresh.querySelectorAll(".ticket")].map((row) => row.id));
    const lists = new Map();
    for (const row of departed(before, fresh).filter(isHeld)) leave(row);
    const parts = [...fresh.children].map((one) => part(one, old, lists));
    keepHeld(before.filter((row) => !ids.has(row.id) && row.id !== done), parts, lists);
    for (const [list, wanted] of lists) settle(list, wanted);
    settle(live, parts);
    for (const name of ["etag", "now", "title", "told"]) live.dataset[name] = fresh.dataset[name];
    for (const link of live.querySelectorAll(".peek")) link.setAttribute("aria-expanded", String(Boolean(peeked(link.closest(".ticket")))));
    const still = held.find(([id]) => document.getElementById(id));
    if (still) scrollBy({ top: document.getElementById(still[0]).getBoundingClientRect().top - still[1], behavior: "instant" });
    if (kept && !document.getElementById(kept.id)) {
      const next = before.slice(before.indexOf(old.get(kept.id)) + 1).find((row) => document.getElementById(row.id)) ?? rows().at(-1);
      if (next) say(document.getElementById(next.id)).focus();
    } else refocus(kept);
    return [...ids].filter((id) => !old.has(id)).length;
  };

  /* News that came by itself moves nothing: rows change where they stand, those that left say so, and what is new or
     stands elsewhere now waits for the button. */
  const offer = document.getElementById("offer");
  let waiting = null;

  const arrive = (answer) => {
    const fresh = parser.parseFromString(answer.text, "text/html").getElementById("live");
    if (!fresh) return;
    const before = rows();
    if (!before.length) {
      apply(answer); // nothing stands here that could be moved
      return;
    }
    const kept = before.map(place).find(Boolean);
    const wanted = [...fresh.querySelectorAll(".ticket")];
    const ids = new Set(wanted.map((row) => row.id));
    const known = new Set(before.filter((row) => !row.classList.contains("gone")).map((row) => row.id));
    const added = wanted.filter((row) => !known.has(row.id));
    const stays = (list) => list.filter((row) => ids.has(row.id) && known.has(row.id)).map((row) => `${row.parentElement.parentElement.id} ${row.id}`);
    const moved = stays(before).join() !== stays(wanted).join();
    for (const row of departed(before, fresh)) leave(row);
    for (const row of before.filter((one) => known.has(one.id))) {
      const next = wanted.find((other) => other.id === row.id);
      if (next) put(row, next.cloneNode(true));
    }
    const [counts, recounted] = [document.getElementById("counts"), fresh.querySelector("#counts")];
    if (counts && recounted) recount(counts, recounted.cloneNode(true));
    for (const name of ["etag", "now", "title"]) live.dataset[name] = fresh.dataset[name];
    document.title = live.dataset.title;
    otklik.setClock(document);
    otklik.countdown(live);
    refocus(kept);
    const trouble = fresh.querySelector("#trouble")?.textContent !== live.querySelector("#trouble")?.textContent;
    const emptied = fresh.querySelector("#empty"); // on the day's page what was answered still stands then
    if (added.length || moved) propose(answer.text, added, "Порядок изменился");
    else if (trouble) propose(answer.text, added, "Новое о площадках");
    else if (!emptied !== !live.querySelector("#empty")) propose(answer.text, added, "Здесь ничего не осталось");
    else propose(null, [], "");
  };

  /* The new version of a row in its place, unless nothing but the time has changed. */
  const put = (before, after) => {
    const now = renewed(before, after);
    if (now === before) return;
    now.classList.remove("fresh");
    before.replaceWith(now);
    const link = now.querySelector(".peek");
    link?.setAttribute("aria-expanded", String(Boolean(peeked(now))));
  };

  const propose = (text, added, otherwise) => {
    waiting = text;
    const dangers = added.filter((row) => row.querySelector(".badge.danger")).length;
    const told = added.length ? `Новых отзывов: ${added.length}${dangers ? `, опасных: ${dangers}` : ""}` : otherwise;
    if (text && (offer.hidden || offer.dataset.told !== told)) {
      offer.dataset.told = told;
      offer.textContent = `${told} · показать`;
      tell(told);
    }
    offer.classList.toggle("danger", Boolean(dangers));
    offer.hidden = !text;
  };

  offer.addEventListener("click", () => {
    if (waiting) apply({ text: waiting });
    step(0);
  });

  const apply = ({ text }, done = null) => {
    const fresh = parser.parseFromString(text, "text/html").getElementById("live");
    if (!fresh) return;
    waiting = null;
    offer.hidden = true;
    const added = replace(fresh, done);
    document.title = live.dataset.title;
    otklik.setClock(document);
    otklik.countdown(live);
    if (live.dataset.told) otklik.toast(live.dataset.told);
    else if (added) tell(`Обновлено, новых: ${added}`);
  };

  /* Where the line is out of sight, it is told at the edge of the window. */
  const tell = (text) => {
    const inSight = news.getBoundingClientRect().bottom > 0;
    news.textContent = inSight ? text : "";
    if (!inSight) otklik.toast(text);
  };

  const EVERY = 20_000;
  let asking = null;
  let failed = 0;
  let unseen = false; // the page was in the background: whoever comes back finds the list as it is

  const poll = async () => {
    clearTimeout(asking);
    asking = null;
    if (document.hidden) return;
    if (working || document.querySelector("dialog[open]")) return plan();
    try {
      const answer = await otklik.fetchFragment(location.pathname + location.search, {
        headers: { "If-None-Match": live.dataset.etag },
      });
      if (answer.status === 401) return tell("Вы вышли. Обновите страницу и войдите снова.");
      if (answer.status >= 400) throw new Error(answer.status);
      if (failed) tell("Связь есть.");
      failed = 0;
      if (answer.status === 200) (unseen ? apply : arrive)(answer);
      unseen = false;
    } catch {
      failed += 1;
      if (failed > 1) tell("Нет связи с сервером, пробуем снова. Список мог устареть.");
    }
    return plan();
  };

  const plan = () => { asking = setTimeout(poll, EVERY * (0.8 + 0.4 * Math.random()) * Math.min(1 + failed, 6)); };

  document.addEventListener("visibilitychange", () => {
    unseen ||= document.hidden;
    if (!document.hidden && asking === null) poll();
  });
  plan();

  /* --- keys ---------------------------------------------------------------------------------------------------- */

  const words = document.getElementById("words");

  otklik.keys("Список", {
    j: { does: "следующий отзыв", run: () => step(1), repeat: true },
    k: { does: "предыдущий отзыв", run: () => step(-1), repeat: true },
    enter: { does: "открыть отзыв", run: onRow((row) => say(row).click()) },
    t: { does: "взять себе", run: onRow(take) },
    a: { does: "показать черновик, ещё раз — одобрить", run: onRow(approve) },
    c: { does: "скопировать черновик", run: onRow(copy) },
    o: { does: "открыть отзыв на площадке", run: onRow(open) },
    d: { does: "закрыть без ответа", run: onRow(dismiss) },
    escape: { does: "свернуть черновик", run: onRow(unpeek) },
    ...(words && { "/": { does: "поиск", run: () => words.select() } }),
  });

  words?.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !words.value) step(0);
  });
  for (const button of document.querySelectorAll("[data-help]")) button.hidden = false;
  for (const link of live.querySelectorAll(".peek")) link.setAttribute("aria-expanded", "false");

  /* What was done is said once, not again with every reload. */
  const here = new URL(location.href);
  if (here.searchParams.has("done")) {
    here.searchParams.delete("done");
    history.replaceState(null, "", here);
  }
})();
