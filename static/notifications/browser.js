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

/** The subscription that this browser holds, or null. */
export async function heldSubscription() {
  const registration = await navigator.serviceWorker.getRegistration(settings.scope);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** A subscription made with the site's present key. The permission must have been given. */
export async function subscribe() {
  const { pushManager } = await activeRegistration();
  const held = await pushManager.getSubscription();
  if (held && (await keyIdOf(held)) === settings.keyId) return held;
  await held?.unsubscribe(); // another key can't take over a subscription
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: settings.publicKey });
}

/** The registration of our worker, which is made if there is none. */
export async function activeRegistration() {
  await navigator.serviceWorker.register(settings.worker, { scope: settings.scope, updateViaCache: "none" });
  return navigator.serviceWorker.ready;
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

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// An iPad calls itself a Mac; no Mac has a touch screen.
function isAppleMobile() {
  return /iPhone|iPad/.test(navigator.userAgent) || (navigator.userAgent.includes("Mac") && navigator.maxTouchPoints > 1);
}
