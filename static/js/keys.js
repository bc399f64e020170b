// Keys for who reads post after post: j k o / and ?. The Tab key and links do all of that, too.

import { choice } from "./choice.js";

const STOPS = "main article.h-entry, .pager-older";
const USES_KEYS_ITSELF = "input, textarea, select, audio, video, dialog, [contenteditable]";
const KEYS = [
  [["j"], "the next post"],
  [["k"], "the previous post"],
  [["o", "Enter"], "open the post"],
  [["/"], "search"],
  [["?"], "this list"],
];

const off = choice("orrery-keys", "off");

const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const stops = () => Array.from(document.querySelectorAll(STOPS));
const titleOf = (stop) => (stop.matches("a") ? stop : stop.querySelector(".entry-title a"));

/** What is scrolled to: with the first post of a blog, the blog's name. */
function leadOf(stop) {
  const run = stop.closest(".run");
  return run && run.querySelector("article") === stop ? run : stop;
}

/** The stop that has the focus, as long as it is in sight. */
function focused() {
  return stops().find((stop) => {
    const { top, bottom } = stop.getBoundingClientRect();
    return stop.contains(document.activeElement) && bottom > 0 && top < innerHeight;
  });
}

function move(step) {
  const all = stops();
  const here = focused();
  const line = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  const distance = (stop) => leadOf(stop).getBoundingClientRect().top - line;
  let next = all[all.indexOf(here) + step];
  if (!here) next = step > 0 ? all.find((stop) => distance(stop) > 4) : all.reverse().find((stop) => distance(stop) < -4);
  if (next) goTo(next);
}

function goTo(stop) {
  const title = titleOf(stop);
  const target = title && title.tabIndex >= 0 ? title : stop; // a note's title isn't seen
  if (target === stop && !stop.matches("a")) stop.tabIndex = -1;
  target.focus({ preventScroll: true });
  leadOf(stop).scrollIntoView({ block: stop.matches("a") ? "nearest" : "start", behavior: "instant" });
}

function open(stop) {
  const title = stop && titleOf(stop);
  if (title) title.click();
}

function search() {
  const box = document.querySelector("input[type=search]");
  if (!box) return;
  box.focus();
  box.select();
}

function help() {
  const box = make("input", { type: "checkbox", checked: !off.isMade() });
  box.addEventListener("change", () => off.make(!box.checked));
  const close = make("button", { type: "button", className: "button", textContent: "Close" });
  const words = KEYS.map(([keys, does]) => make("div", {}, make("dt", {}, ...keys.map((key) => make("kbd", { textContent: key }))), make("dd", { textContent: does })));
  const dialog = make("dialog", { className: "keys" },
    make("h2", { id: "keys-title", className: "keys-title", textContent: "Keys" }), make("dl", { className: "keys-list" }, ...words),
    make("label", { className: "choice" }, box, "Use these keys"),
    make("p", { className: "keys-note", textContent: "The button at the foot of the page shows this list, too: so you can always switch them on again." }), close);
  dialog.setAttribute("aria-labelledby", "keys-title");
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function press(event) {
  const { key, target } = event;
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (!target.closest || target.closest(USES_KEYS_ITSELF) || document.querySelector("dialog[open]") || off.isMade()) return;
  const isOnPost = key === "Enter" && target.matches("article");
  const does = { j: () => move(1), k: () => move(-1), o: () => open(focused()), "/": search, "?": help, Enter: isOnPost && (() => open(target)) }[key];
  if (!does || (event.repeat && key !== "j" && key !== "k")) return;
  event.preventDefault();
  does();
}

const foot = document.querySelector(".foot-inner");
if (foot && "HTMLDialogElement" in window) {
  document.addEventListener("keydown", press);
  const button = make("button", { type: "button", className: "foot-button foot-keys", textContent: "Keys" });
  button.setAttribute("aria-haspopup", "dialog");
  button.addEventListener("click", help);
  foot.append(button);
}
