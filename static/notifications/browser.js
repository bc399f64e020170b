// What this browser can do and holds: its worker and its push subscription.

import { settings } from "./settings.js";

/** Why notifications can't be offered here, as the name of a state; empty if they can. */
export function obstacle() {
  if (!settings.publicKey) return "no-key";
  if (!window.isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    return isAppleMobile() ? "ios" : "unsupported";
  }
  return Notification.permission === "denied" ? "denied" : "";
}

/** The name under which the help page speaks of this browser. */
export function browserName() {
  const agent = navigator.userAgent;
  if (isAppleMobile()) return "ios";
  if (agent.includes("Edg")) return "edge";
  if (agent.includes("Firefox")) return "firefox";
  return agent.includes("Chrome") ? "chrome" : "safari";
}

/** The subscription that this browser holds for the desk where it is now, and that has not ended; or null. */
export async function heldSubscription() {
  const registration = await navigator.serviceWorker.getRegistration(settings.scope);
  if (!registration || !isHere(registration)) return null;
  const subscription = await registration.pushManager.getSubscription();
  return subscription && !hasEnded(subscription) ? subscription : null;
}

/** What this browser still holds for addresses that the desk had before; our key tells it from what isn't ours. */
export async function formerHoldings() {
  const holdings = [];
  for (const registration of await navigator.serviceWorker.getRegistrations()) {
    const subscription = isHere(registration) ? null : await registration.pushManager?.getSubscription();
    const isOurs = subscription?.options?.applicationServerKey && settings.keyIds.split(" ").includes(await keyIdOf(subscription));
    if (isOurs) holdings.push({ registration, subscription });
  }
  return holdings;
}

function isHere(registration) {
  return registration.scope === new URL(settings.scope, location.href).href;
}

/** A subscription made with the site's present key. The permission must have been given. */
export async function subscribe() {
  const { pushManager } = await activeRegistration();
  const held = await pushManager.getSubscription();
  if (held && !hasEnded(held) && (await keyIdOf(held)) === settings.keyId) return held;
  await held?.unsubscribe(); // another key can't take over a subscription, and what has ended is given again
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: settings.publicKey });
}

/** The registration of our worker, which is made if there is none. */
export async function activeRegistration() {
  const options = { scope: settings.scope, updateViaCache: "none" };
  const registration = await navigator.serviceWorker.register(settings.worker, options);
  await untilActive(registration);
  return registration;
}

// Not `navigator.serviceWorker.ready`: that may be a worker of an address above this one, which the desk had before.
function untilActive(registration) {
  const coming = registration.installing ?? registration.waiting;
  if (registration.active || !coming) return null;
  return new Promise((resolve, reject) => {
    coming.addEventListener("statechange", () => {
      if (registration.active) resolve();
      if (coming.state === "redundant") reject(new Error("The site's worker can't be installed."));
    });
  });
}

/** All that the server has to know of a subscription. */
export async function factsOf(subscription) {
  return { ...subscription.toJSON(), key_id: await keyIdOf(subscription) };
}

export async function hashOf(subscription) {
  return hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint)));
}

/** Names the key that the subscription was made with, as the server names it. */
export async function keyIdOf(subscription) {
  const key = subscription.options?.applicationServerKey;
  return key ? hex(await crypto.subtle.digest("SHA-256", key)).slice(0, 16) : settings.keyId;
}

/** Some subscriptions have an end (`expirationTime`, in milliseconds), which most browsers never reach. */
function hasEnded(subscription) {
  const end = subscription.expirationTime ?? null;
  return end !== null && end <= Date.now();
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// An iPad calls itself a Mac; no Mac has a touch screen.
function isAppleMobile() {
  return /iPhone|iPad/.test(navigator.userAgent) || (navigator.userAgent.includes("Mac") && navigator.maxTouchPoints > 1);
}
