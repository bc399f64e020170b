// Times in the reader's own zone: where the mouse points, and everywhere if the reader wants that. Days stay those of UTC.

import { choice } from "./choice.js";

const DAY_AND_TIME = { day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit" };
const IN_FULL = Object.assign({}, DAY_AND_TIME, { weekday: "long", month: "long" });
const short = new Intl.DateTimeFormat(undefined, DAY_AND_TIME);
const inFull = new Intl.DateTimeFormat(undefined, IN_FULL);
const { locale } = short.resolvedOptions();

const times = Array.from(document.querySelectorAll("time[datetime]"));
const inUtc = new Map(times.map((time) => [time, time.textContent]));
const own = choice("orrery-times", "own");

function write(time, isOwn) {
  time.textContent = isOwn ? short.format(new Date(time.dateTime)) : inUtc.get(time);
  time.removeAttribute("title");
  if (isOwn) {
    time.lang = locale;
    time.dir = "auto";
  } else {
    time.removeAttribute("lang");
    time.removeAttribute("dir");
  }
}

/** The other of the two. As nobody reaches it by keyboard and it would be read twice, it is there for the mouse alone. */
function point(event) {
  const place = event.target.closest && event.target.closest("time, .entry-permalink");
  const time = place && (place.matches("time") ? place : place.querySelector("time"));
  if (!inUtc.has(time) || time.title) return;
  time.title = own.isMade() ? inUtc.get(time) : `${inFull.format(new Date(time.dateTime))}, your time`;
}

/** Days have addresses, the same for everybody; so where times are the reader's, their names say whose days they are. */
function nameDays(isOwn) {
  for (const word of document.querySelectorAll(".day-zone")) word.remove();
  if (!isOwn) return;
  for (const weekday of document.querySelectorAll(".day-weekday")) {
    weekday.append(Object.assign(document.createElement("span"), { className: "day-zone", textContent: ", UTC" }));
  }
}

function show(button) {
  const isOwn = own.isMade();
  for (const time of times) write(time, isOwn);
  nameDays(isOwn);
  button.textContent = isOwn ? "Times in UTC" : "Times in your own zone";
}

function makeSwitch(foot) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "foot-button foot-times" });
  button.textContent = "Times in your own zone";
  button.addEventListener("click", () => {
    own.make(!own.isMade());
    show(button);
  });
  if (own.isMade()) show(button);
  own.onChange(() => show(button));
  foot.append(button);
}

const foot = document.querySelector(".foot-inner");
const livesInUtc = [0, 6].every((month) => new Date(2026, month, 1).getTimezoneOffset() === 0);
if (foot && times.length && !livesInUtc) {
  document.addEventListener("mouseover", point);
  makeSwitch(foot);
}
