/* Sources and the outbox: news without losing the place, and forms that stay on the page. */
(() => {
  "use strict";

  const EVERY = 20_000;
  const part = document.getElementById("part");
  if (!part) return;

  const news = document.getElementById("news");
  const parser = new DOMParser();
  let working = false;
  let asking = null;
  let failed = 0;

  /* Everything is replaced; what was opened stays open, and focus where it was. */
  const replace = (fresh) => {
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    const opened = new Map([...part.querySelectorAll("details[id]")].map((box) => [box.id, box.open]));
    const at = scrollY;
    part.replaceChildren(...fresh.childNodes);
    Object.assign(part.dataset, fresh.dataset);
    for (const [id, open] of opened) {
      const box = document.getElementById(id);
      if (box) box.open = open;
    }
    document.getElementById(focused)?.focus({ preventScroll: true });
    scrollTo({ top: at, behavior: "instant" });
  };

  const apply = ({ text }) => {
    const fresh = parser.parseFromString(text, "text/html").getElementById("part");
    if (!fresh) throw new Error("no such part");
    replace(fresh);
    document.getElementById("told")?.removeAttribute("role");  // the toast is read aloud
    if (part.dataset.told) otklik.toast(part.dataset.told);
  };

  /* Somebody chooses a place, or has marked words to copy them. */
  const isBusy = () => document.activeElement?.matches("select") || !getSelection().isCollapsed;

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post" || !part.contains(form)) return;
    event.preventDefault();
    if (working) return;
    working = true;
    try {
      const answer = await otklik.post(form, event.submitter);
      if (answer.status === 200) apply(answer);
      else if (answer.status === 401) location.reload();
      else otklik.toast("Не получилось. Обновите страницу.");
    } catch {
      otklik.toast("Нет связи с сервером. Повторите, когда она появится.");
    } finally {
      working = false;
    }
  });

  const poll = async () => {
    clearTimeout(asking);
    asking = null;
    if (document.hidden) return;
    if (working || isBusy()) return plan();
    try {
      const answer = await otklik.fetchFragment(location.pathname + location.search, {
        headers: { "If-None-Match": part.dataset.etag },
      });
      if (answer.status === 401) {
        news.textContent = "Вы вышли. Обновите страницу и войдите снова.";
        return;
      }
      if (answer.status >= 400) throw new Error(answer.status);
      if (failed) news.textContent = "";
      failed = 0;
      if (answer.status === 200 && !working) apply(answer);
    } catch {
      failed += 1;
      if (failed > 1) news.textContent = "Нет связи с сервером, пробуем снова. Страница могла устареть.";
    }
    plan();
  };

  const plan = () => { asking = setTimeout(poll, EVERY * (0.8 + 0.4 * Math.random()) * Math.min(1 + failed, 6)); };

  document.addEventListener("visibilitychange", () => { if (!document.hidden && asking === null) poll(); });
  plan();

  /* What was done is said once, not again with every reload. */
  const here = new URL(location.href);
  if (here.searchParams.has("done")) {
    here.searchParams.delete("done");
    here.searchParams.delete("card");
    history.replaceState(null, "", here);
  }
})();
