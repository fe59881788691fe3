"use strict";
document.documentElement.classList.add("scripted");

function reveal(id) {
  const target = id && document.getElementById(id);
  if (!target) return;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  for (const old of document.querySelectorAll(".found")) old.classList.remove("found");
  if (!target.classList.contains("incident")) target.classList.add("found");
  target.scrollIntoView({ block: target.classList.contains("incident") ? "start" : "center" });
}

function close(picture) {
  for (const old of picture.querySelectorAll(".chosen, .held.open")) old.classList.remove("chosen", "open");
}

function pick(thing, byKey) {
  const name = thing.getAttribute("href").slice(1);
  const panel = document.getElementById(name);
  const place = thing.closest("section").querySelector(".picked");
  if (!panel || !place) return;
  const again = thing.classList.contains("chosen");
  const held = document.getElementById(name + "-held");
  const wasOpen = held && held.classList.contains("open");
  close(thing.ownerSVGElement);
  thing.classList.add("chosen");
  if (held) held.classList.toggle("open", !(again && wasOpen));
  const copy = panel.cloneNode(true);
  copy.removeAttribute("id");
  for (const cite of copy.querySelectorAll(".links code, .links .cites")) {
    const row = document.getElementById(cite.closest("li").querySelector(".cite").getAttribute("href").slice(1));
    const kept = row && row.querySelector(".native");
    if (kept) cite.closest("li").append(kept.cloneNode(true));
  }
  const first = copy.querySelector(".native");
  if (first) first.open = true;
  place.replaceChildren(copy);
  if (byKey) place.focus();
}

function fold(button) {
  const picture = button.ownerSVGElement;
  const hid = button.classList.toggle("shut");
  button.setAttribute("aria-expanded", String(!hid));
  const away = new Set();
  for (const shut of picture.querySelectorAll(".fold.shut")) for (const place of shut.dataset.hides.split(" ")) away.add(place);
  for (const thing of picture.querySelectorAll("a.node, .fold")) {
    const name = thing.dataset.of || thing.getAttribute("href");
    thing.classList.toggle("away", away.has(name.slice(name.lastIndexOf("-") + 1)));
  }
  for (const line of picture.querySelectorAll("a.edge")) line.classList.toggle("away", away.has(line.dataset.from) || away.has(line.dataset.to));
  button.querySelector(".sign").textContent = hid ? "+" + button.dataset.hides.split(" ").length : "−";
  close(picture);
}

document.addEventListener("click", (event) => {
  const thing = event.target.closest("a.node, a.edge");
  const button = event.target.closest(".fold");
  const link = event.target.closest('a[href^="#"]');
  if (button) {
    fold(button);
  } else if (thing) {
    event.preventDefault();
    pick(thing, event.detail === 0);
  } else if (link) {
    setTimeout(reveal, 0, link.getAttribute("href").slice(1));
  }
});
document.addEventListener("keydown", (event) => {
  const button = event.target.closest(".fold");
  const section = event.target.closest("section[aria-labelledby$='-graph']");
  if (button && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    fold(button);
  } else if (section && event.key === "Escape") {
    const chosen = section.querySelector(".chosen");
    if (chosen) chosen.focus();
    close(section);
  }
});
addEventListener("hashchange", () => reveal(decodeURIComponent(location.hash.slice(1))));
addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll("details:not(.native)")) box.open = true;
});
reveal(decodeURIComponent(location.hash.slice(1)));
