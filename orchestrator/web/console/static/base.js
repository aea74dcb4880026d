// Makes pages live and quick by keyboard. Every page works without it.
"use strict";

// A part of a page that changes: <div data-live="/console/…/events">. Each event is the part's new HTML, from us.
for (const part of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(part.dataset.live);
  source.addEventListener("part", (event) => {
    if (!part.contains(document.activeElement) || !document.activeElement.matches("input, textarea, select")) {
      const open = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
      part.innerHTML = event.data;
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    }
  });
  source.addEventListener("over", () => source.close());
  addEventListener("pagehide", () => source.close());
}

// A form is sent once, however often its button is pressed.
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// An open menu closes when one looks elsewhere.
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.more[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
});

// Keys: `data-key="a"` or `data-key="g n"` on a link, button or field; `data-list` moves with j and k, Enter opens.
// Only where the visitor wants single letters (WCAG 2.1.4), and never while something is typed.
if ("keys" in document.body.dataset) {
  let before = "";
  const dialog = document.getElementById("keys");

  const tell = () => {
    const list = dialog.querySelector("dl");
    list.replaceChildren();
    const seen = new Set();
    for (const each of document.querySelectorAll("[data-key]")) {
      if (seen.has(each.dataset.key)) continue;
      seen.add(each.dataset.key);
      const key = document.createElement("dt");
      const words = document.createElement("dd");
      key.textContent = each.dataset.key;
      words.textContent = each.dataset.keyWords || each.getAttribute("aria-label") || each.textContent.trim();
      list.append(key, words);
    }
    dialog.showModal();
  };

  const move = (by) => {
    const items = [...document.querySelectorAll("[data-list] [data-item]")];
    if (!items.length) return;
    const at = items.findIndex((item) => item.contains(document.activeElement));
    const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
    (next.matches("a, button") ? next : next.querySelector("a, button, input"))?.focus();
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select") || dialog.open) return;
    if (event.key === "?") return tell();
    if (event.key === "j" && before !== "g") return move(1);
    if (event.key === "k" && before !== "g") return move(-1);
    const wanted = before === "g" ? `g ${event.key}` : event.key;
    before = event.key === "g" && before !== "g" ? "g" : "";
    const target = document.querySelector(`[data-key="${CSS.escape(wanted)}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("a, button, summary")) target.click();
    else target.focus();
  });
}
