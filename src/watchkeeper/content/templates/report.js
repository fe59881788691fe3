"use strict";
document.documentElement.classList.add("scripted");
function reveal(id) {
  const target = id && document.getElementById(id);
  if (!target) return;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  for (const old of document.querySelectorAll(".found")) old.classList.remove("found");
  target.classList.add("found");
  target.scrollIntoView({ block: "center" });
}
addEventListener("hashchange", () => reveal(decodeURIComponent(location.hash.slice(1))));
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"], a.node');
  if (link) setTimeout(reveal, 0, link.getAttribute("href").slice(1));
});
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((box) => { box.open = true; }));
reveal(decodeURIComponent(location.hash.slice(1)));
