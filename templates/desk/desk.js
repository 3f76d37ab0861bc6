"use strict";

/* What the scripts of all rooms share, as `otklik`:
     fetchFragment(url, options)  the changing part of a page: {status, text, etag, url}
     post(form, submitter)        sends a form as the browser would, and answers the same; throws when it cannot
     toast(text)                  a line for a few seconds, read aloud by screen readers
     copy(text)                   into the clipboard; whether it worked
     keys(title, {j: {does, run, repeat}})   keys of a page; `?` shows them all
     now()                        the server's time, as Date.now(); `data-now` anywhere on a page sets it
     countdown(root)              shows anew how much time is left, in every [data-due] below it
   Without this script every page works too. */
const otklik = (() => {
  const FRAGMENT = "X-Otklik-Fragment";
  const PATIENCE = 20_000;
  const GLUE = "\u00a0";

  /* --- the server ---------------------------------------------------------------------------------- */

  const fetchFragment = async (url, options = {}) => {
    const { headers = {}, ...rest } = options;
    const answer = await fetch(url, {
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
      ...rest,
      headers: { [FRAGMENT]: "1", ...headers },
    });
    return { status: answer.status, text: await answer.text(), etag: answer.headers.get("ETag"), url: answer.url };
  };

  const post = (form, submitter = null) => {
    const address = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
    return fetchFragment(address, { method: "POST", body: new URLSearchParams(new FormData(form, submitter)) });
  };

  /* --- telling ----------------------------------------------------------------------------------------- */

  const LINES_STAY = 6_000;
  let fading = 0;

  const toast = (text) => {
    const line = document.getElementById("toast");
    if (!line) return;
    line.textContent = text;
    clearTimeout(fading);
    fading = setTimeout(() => { line.textContent = ""; }, LINES_STAY + 50 * text.length);
  };

  /* Clipboards are for encrypted pages and this machine alone; elsewhere a field is copied from. */
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const before = document.activeElement;
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "visually-hidden";
      field.setAttribute("aria-hidden", "true");
      document.body.append(field);
      field.select();
      const copied = document.execCommand("copy");
      field.remove();
      before?.focus({ preventScroll: true });
      return copied;
    }
  };

  /* --- time ------------------------------------------------------------------------------------------------ */

  let ahead = 0;
  const now = () => Date.now() + ahead;

  const setClock = (root) => {
    const told = root.querySelector("[data-now]");
    if (told) ahead = Date.parse(told.dataset.now) - Date.now();
  };

  const plural = (count, one, few, many) => {
    const tens = count % 100, units = count % 10;
    if (units === 1 && tens !== 11) return one;
    return units >= 2 && units <= 4 && (tens < 12 || tens > 14) ? few : many;
  };

  const duration = (milliseconds) => {
    const minutes = Math.floor(milliseconds / 60_000);
    const days = Math.floor(minutes / 1440);
    const hours = Math.floor(minutes / 60) % 24;
    if (minutes < 1) return "меньше минуты";
    const inDays = [days, plural(days, "день", "дня", "дней")];
    const parts = days > 2 ? [inDays] : days ? [inDays, [hours, "ч"]] : [[hours, "ч"], [minutes % 60, "мин"]];
    return parts.filter(([number]) => number).map(([number, unit]) => number + GLUE + unit).join(" ");
  };

  const timeLeft = (left) => {
    if (left > 0) return `${plural(Math.floor(left / 86_400_000), "остался", "осталось", "осталось")} ${duration(left)}`;
    return left > -60_000 ? "срок только что вышел" : `просрочено на ${duration(-left)}`;
  };

  const SOON = "срок близко: ";

  const countdown = (root = document) => {
    for (const shown of root.querySelectorAll("[data-due]")) {
      const text = timeLeft(Date.parse(shown.dataset.due) - now());
      if (shown.textContent !== text) shown.textContent = text;
      const late = Date.parse(shown.dataset.due) <= now();
      const soon = !late && Date.parse(shown.dataset.soon) <= now();
      const box = shown.closest(".left");
      if (!box) continue;
      box.classList.toggle("late", late);
      box.classList.toggle("soon", soon);
      box.classList.toggle("good", !late && !soon);
      const word = box.querySelector(".visually-hidden");
      if (word) word.textContent = soon ? SOON : "";
    }
  };

  setClock(document);
  setInterval(() => { if (!document.hidden) countdown(); }, 15_000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) countdown(); });

  /* --- keys ---------------------------------------------------------------------------------------------------- */

  const groups = new Map();
  const bound = new Map();
  const OFF = "otklik.keys-off";
  const WRITING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";

  const remembered = (name, value) => {
    try {
      if (value === undefined) return localStorage.getItem(name);
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch { /* a browser that keeps nothing */ }
    return null;
  };

  const keys = (title, table) => {
    groups.set(title, { ...groups.get(title), ...table });
    for (const [key, entry] of Object.entries(table)) bound.set(key.toLowerCase(), entry);
  };

  /* The Latin letter where the layout writes one, else the one printed on the key: «о» is j. */
  const named = (event) => {
    if (event.key === "?" || event.key === "/") return event.key;
    if (event.code === "Slash") return event.shiftKey ? "?" : "/";
    if (event.shiftKey) return "";
    if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
    return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key.toLowerCase();
  };

  const onKey = (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest?.(WRITING) || document.querySelector("dialog[open]")) return;
    const key = named(event);
    const entry = bound.get(key);
    if (!entry || (event.repeat && !entry.repeat)) return;
    if (remembered(OFF) && key !== "?") return;
    if (key === "enter" && event.target.closest?.("a, button, summary, input")) return;
    if (entry.run(event) !== false) event.preventDefault();
  };

  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  const caps = { enter: "Enter", escape: "Esc" };

  const help = () => {
    const lists = [...groups].flatMap(([title, table]) => {
      const rows = Object.entries(table).flatMap(([key, { does }]) => [
        element("dt", {}, element("kbd", { textContent: caps[key] ?? key })),
        element("dd", { textContent: does }),
      ]);
      return [element("h3", { textContent: title }), element("dl", { className: "keys" }, ...rows)];
    });
    const on = element("input", { type: "checkbox", checked: !remembered(OFF) });
    on.addEventListener("change", () => remembered(OFF, on.checked ? null : "1"));
    const heading = element("h2", { id: "keys-title", textContent: "Клавиши" });
    const dialog = element(
      "dialog",
      { id: "keys" },
      heading,
      ...lists,
      element("p", { className: "quiet", textContent: "Раскладка не важна: «о» на русской работает как j." }),
      element("p", {}, element("label", { className: "check" }, on, "Клавиши включены")),
      element("form", { method: "dialog" }, element("button", { className: "button", autofocus: true, textContent: "Закрыть" })),
    );
    dialog.setAttribute("aria-labelledby", heading.id);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };

  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-help]")) help(); });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    const copied = await copy(document.getElementById(button.dataset.copies).textContent);
    toast(copied ? button.dataset.copied : "Скопировать не получилось: выделите текст и скопируйте сами.");
  });
  const lastly = () => {
    for (const button of document.querySelectorAll("[data-copies]")) button.hidden = false;
    if (groups.size) keys("Везде", { "?": { does: "эта подсказка", run: help } });
  };
  document.addEventListener("DOMContentLoaded", lastly);

  return { fetchFragment, post, toast, copy, now, setClock, countdown, keys, help, element };
})();
window.otklik = otklik;
