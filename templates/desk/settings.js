/* Settings: a calendar is tried while one fills it in; saving stays a matter of its own button. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-trial]");
  const place = document.getElementById("trial");
  if (!form || !place) return;

  const PAUSE = 700;
  let waiting = 0;
  let asking = null;

  const attempt = async () => {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("sure");
    try {
      const answer = await otklik.fetchFragment(form.getAttribute("action"), { method: "POST", body: fields, signal: mine.signal });
      if (!mine.signal.aborted && [200, 400].includes(answer.status)) place.innerHTML = answer.text;
    } catch {
      /* The button tries it as well. */
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(attempt, PAUSE);
  });
})();
