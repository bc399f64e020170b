// While a page stays open, a quiet line says how many posts have come since it was made. It moves nothing, and loads no post.

const MINUTE = 60000;
const HOUR = 60 * MINUTE;
const STOP_AFTER = 6 * HOUR; // in sight all the time: nobody sits before it then

const told = document.querySelector("script[data-news]").dataset;
const main = document.querySelector("main");
const shown = new Set();
let since = Date.now();
let askedAt = since; // so the first question is a minute away
let wait = MINUTE;
let timer = 0;

const isNew = ([id, minute]) => !shown.has(id) && (id > Number(told.id) || minute > Number(told.minute));

function words({ posts, most }) {
  const fresh = posts.filter(isNew).length;
  if (!fresh) return "";
  if (fresh >= most) return `${fresh} or more new posts`;
  return `${fresh} new ${fresh === 1 ? "post" : "posts"}`;
}

/** The line is there before it has words: else no screen reader would say them. */
function makeLine() {
  const line = document.createElement("div");
  line.className = "news";
  line.setAttribute("role", "status");
  main.prepend(line);
  return line;
}

function say(text) {
  if (line.textContent === text) return;
  line.textContent = "";
  if (!text) return;
  const link = { className: "news-link", href: location.pathname, textContent: text };
  line.append(Object.assign(document.createElement("a"), link));
}

async function ask() {
  askedAt = Date.now();
  try {
    const answer = await fetch(told.news, { cache: "no-cache", credentials: "omit" });
    if (!answer.ok) throw new Error(answer.status);
    say(words(await answer.json()));
    wait = MINUTE;
  } catch (error) {
    wait = Math.min(2 * wait, HOUR); // away, or in trouble: it isn't pressed
  }
  plan();
}

function plan() {
  clearTimeout(timer);
  if (document.hidden || Date.now() - since > STOP_AFTER) return;
  const rest = Math.max(0, askedAt + wait - Date.now());
  timer = setTimeout(ask, Math.min(wait, rest) + Math.random() * 5000); // a clock can be set back
}

function returned() {
  since = Date.now();
  plan();
}

const line = makeLine();
for (const link of main.querySelectorAll(".entry-permalink")) {
  const found = /^\/post\/(\d+)\/$/.exec(link.getAttribute("href"));
  if (found) shown.add(Number(found[1]));
}
const [visit] = performance.getEntriesByType("navigation");
if (visit && visit.type === "back_forward") askedAt = 0; // browsers show it as it was, however long ago
if (!(navigator.connection && navigator.connection.saveData)) {
  document.addEventListener("visibilitychange", returned);
  addEventListener("pageshow", (event) => event.persisted && returned());
  plan();
}
