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

function pick(node) {
  const panel = document.getElementById(node.getAttribute("href").slice(1));
  const place = node.closest("section").querySelector(".picked");
  if (!panel || !place) return;
  const copy = panel.cloneNode(true);
  copy.removeAttribute("id");
  place.replaceChildren(copy);
  for (const old of node.ownerSVGElement.querySelectorAll(".chosen")) old.classList.remove("chosen");
  node.classList.add("chosen");
}

document.addEventListener("click", (event) => {
  const node = event.target.closest("a.node");
  const link = event.target.closest('a[href^="#"]');
  if (node) {
    event.preventDefault();
    pick(node);
  } else if (link) {
    setTimeout(reveal, 0, link.getAttribute("href").slice(1));
  }
});
addEventListener("hashchange", () => reveal(decodeURIComponent(location.hash.slice(1))));
addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll("details")) box.open = true;
});
reveal(decodeURIComponent(location.hash.slice(1)));
