// How this browser stands with the server, and the repairs. The server is the truth: a note in localStorage only keeps
// us from asking it more than once a day about the same thing.

import { factsOf, formerHoldings, hashOf, heldSubscription, keyIdOf, subscribe } from "./browser.js";
import { askStanding, tellSubscribed, tellUnsubscribed } from "./server.js";
import { settings } from "./settings.js";

const NOTE = "orrery-push-asked";
const DAY = 24 * 60 * 60 * 1000;

/** "on", "off" or "repair", after asking the server if there is something to ask. Tabs that open together take turns. */
export function standing() {
  return navigator.locks ? navigator.locks.request("orrery-push", findOut) : findOut();
}

async function findOut() {
  for (const holding of await formerHoldings()) await giveUp(holding);
  const subscription = await heldSubscription();
  const own = subscription ? await hashOf(subscription) : "";
  const keyId = subscription ? await keyIdOf(subscription) : "";
  const question = [settings.user, Notification.permission, settings.keyId, keyId, own, settings.believed].join(" ");
  if (!own && !settings.believed) return "off";
  if (askedToday(question)) return own === settings.believed ? "on" : own ? "repair" : "off";
  const state = subscription ? await followAdvice(subscription, own, keyId) : await returnAlone();
  note(question);
  return state;
}

/** Subscribe and tell the server, which knows the device as `previous` if that is the hash of an endpoint it had before.
 *  Once more with a new subscription, if that is all that it lacks. */
export async function turnOn(previous = "") {
  const subscription = await subscribe();
  try {
    await tellSubscribed({ ...(await factsOf(subscription)), previous_hash: previous });
  } catch (error) {
    if (!error.needsNew) throw error;
    await subscription.unsubscribe();
    await tellSubscribed({ ...(await factsOf(await subscribe())), previous_hash: previous });
  }
}

/** Tell the server and unsubscribe; in this order, as a device that the server still knew would be turned on again. */
export async function turnOff() {
  const subscription = await heldSubscription();
  if (!subscription) return;
  await tellUnsubscribed(subscription.toJSON());
  await subscription.unsubscribe();
}

/** The desk has another address than before (ADMIN_URL), and so another worker. Two would be two devices, and each post
 *  two notices: the present one takes the place of the former, which goes last of all, as it still works. */
async function giveUp({ registration, subscription }) {
  const own = await hashOf(subscription);
  const advice = await askStanding({ endpoint_hash: own, key_id: await keyIdOf(subscription) });
  if (!advice.release) {
    if (await heldSubscription()) await tellUnsubscribed(subscription.toJSON());
    else await turnOn(own);
  }
  await subscription.unsubscribe();
  await registration.unregister();
}

async function followAdvice(subscription, own, keyId) {
  const advice = await askStanding({ endpoint_hash: own, key_id: keyId });
  if (advice.release) {
    await subscription.unsubscribe();
    return "off";
  }
  if (!advice.known || advice.rotate) await subscription.unsubscribe();
  if (!advice.known || advice.rotate || advice.state !== "active") await turnOn();
  return "on";
}

/** The server knows this browser, which has lost its subscription. With the permission still given, it gets a new one. */
async function returnAlone() {
  if (Notification.permission !== "granted") return "off";
  await turnOn();
  return "on";
}

function askedToday(question) {
  try {
    const { at, about } = JSON.parse(localStorage.getItem(NOTE));
    return about === question && Date.now() - at < DAY;
  } catch {
    return false;
  }
}

function note(question) {
  try {
    localStorage.setItem(NOTE, JSON.stringify({ at: Date.now(), about: question }));
  } catch {
    // Storage is full or forbidden: then we ask more often.
  }
}
