// The panel that offers notifications, and its buttons. All words are in the page; this shows those that apply.

import { activeRegistration, browserName, heldSubscription, obstacle } from "./browser.js";
import { NotReached, Refusal } from "./server.js";
import { settings } from "./settings.js";
import { standing, turnOff, turnOn } from "./standing.js";

const all = (name) => document.querySelectorAll(`[data-push="${name}"]`);
const isDevicesPage = document.body.classList.contains("devices");

function show(state, reason = "") {
  for (const panel of all("panel")) panel.dataset.state = state;
  for (const element of all("reason")) element.textContent = reason;
  for (const element of document.querySelectorAll("[data-push-when]")) {
    element.hidden = !element.dataset.pushWhen.split(" ").includes(state);
  }
}

function showFound(state) {
  const others = Number(settings.deviceCount);
  for (const element of all("device-count")) element.textContent = others === 1 ? "another device" : `${others} other devices`;
  show(state === "off" && others ? "elsewhere" : state);
}

function explain(error) {
  if (error instanceof Refusal || error instanceof NotReached) return error.message;
  if (error.name === "NotAllowedError") return "Your browser does not allow it.";
  if (error.name === "AbortError") return "Your browser can't reach its push service. Is it switched off in its settings?";
  return `Your browser says: ${error.message}`;
}

// Safari takes a click for a wish only while it lasts, so nothing is awaited before the question.
function ask() {
  const answer = Notification.requestPermission();
  show("busy");
  answer.then(afterAnswer).catch((error) => show("failed", explain(error)));
}

async function afterAnswer(permission) {
  if (permission !== "granted") return show(permission === "denied" ? "denied" : "dismissed");
  await turnOn();
  return settle("on");
}

function stop() {
  show("busy");
  turnOff().then(() => settle("off"), (error) => show("stuck", explain(error)));
}

/** The list of devices comes from the server. */
function settle(state) {
  if (isDevicesPage) return location.reload();
  return show(state);
}

async function look() {
  const hindrance = obstacle();
  if (hindrance) return show(hindrance);
  try {
    const before = settings.believed;
    const state = await standing();
    showFound(state);
    if (isDevicesPage && state === "on" && !before) location.reload();
  } catch (error) {
    show("repair", explain(error));
  }
}

async function showLocalTest(event) {
  const { title, body } = event.currentTarget.dataset;
  const registration = await activeRegistration();
  await registration.showNotification(title, { body, icon: settings.icon, tag: "local-test", data: { url: location.href } });
}

// The server removes the device by itself; this frees the browser's side. The page goes away meanwhile, so nothing waits.
function leaveWithLogout() {
  heldSubscription().then((held) => {
    document.querySelector("#logout-form")?.addEventListener("submit", () => held?.unsubscribe());
  });
}

function wire() {
  for (const button of all("ask")) button.addEventListener("click", ask);
  for (const button of all("stop")) button.addEventListener("click", stop);
  for (const help of document.querySelectorAll("[data-push-browser]")) help.open = help.dataset.pushBrowser === browserName();
  for (const field of document.querySelectorAll("input[name=time_zone]")) {
    field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  }
}

function wireWhatIsAllowed() {
  for (const button of all("local-test")) {
    button.hidden = Notification.permission !== "granted";
    button.addEventListener("click", showLocalTest);
  }
  navigator.permissions?.query({ name: "notifications" }).then((status) => status.addEventListener("change", look));
  leaveWithLogout();
}

wire();
if (!["insecure", "ios", "unsupported"].includes(obstacle())) wireWhatIsAllowed();
look();
