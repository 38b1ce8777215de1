"use strict";
// Keep the page fresh without losing the place on it.

const REFRESH_MS = 5000;

async function refresh() {
  try {
    const reply = await fetch(location.pathname);
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    const focus = document.activeElement?.getAttribute("aria-label");
    document.querySelector("main").replaceWith(fresh.querySelector("main"));
    if (focus) [...document.querySelectorAll("[aria-label]")].find((node) => node.ariaLabel === focus)?.focus({ preventScroll: true });
  } catch {
    // the server is away: the page stays as it was
  }
}

setInterval(refresh, REFRESH_MS);
