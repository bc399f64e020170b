// Plays one event to the service worker in a browser that does nothing but note what it is asked for.
// Reads {script, event, windows, subscription, ends, refuses, answers} from standard input, writes the notes as JSON.

import { webcrypto as crypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";

const { script, event, windows = [], subscription = null, ends = null, refuses = [], answers = {} } = JSON.parse(readFileSync(0, "utf8"));
const ORIGIN = "https://planet.example";
const notes = [];
const handlers = {};

function note(name, ...details) {
  notes.push([name, ...details]);
  const at = refuses.indexOf(name);
  if (at < 0) return;
  refuses.splice(at, 1); // once
  throw new TypeError(`${name} is refused`);
}

const windowAt = (url) => ({
  url: ORIGIN + url,
  async focus() {
    note("focus", url);
    return this;
  },
  navigate: async (address) => note("navigate", address),
});

const subscriptionWith = (key, expirationTime = null) => ({
  expirationTime,
  unsubscribe: async () => note("unsubscribe"),
  options: { applicationServerKey: new TextEncoder().encode(key).buffer },
  toJSON: () => ({ endpoint: "https://push.example/new", keys: {} }),
});

const self = {
  location: { origin: ORIGIN },
  addEventListener: (type, handler) => (handlers[type] = handler),
  skipWaiting: () => note("skipWaiting"),
  clients: {
    claim: async () => note("claim"),
    matchAll: async () => windows.map(windowAt),
    openWindow: async (address) => note("open", address),
  },
  registration: {
    showNotification: async (title, options) => note("show", title, options),
    pushManager: {
      getSubscription: async () => subscription && subscriptionWith(subscription, ends),
      subscribe: async ({ applicationServerKey: key, userVisibleOnly }) => {
        const text = typeof key === "string" ? key : new TextDecoder().decode(key);
        note("subscribe", text, userVisibleOnly);
        return subscriptionWith(text);
      },
    },
  },
};

async function fetch(address, options) {
  note(options.method ?? "GET", address, options.headers ?? {}, JSON.parse(options.body ?? "null"));
  const answer = answers[address];
  if (answer === undefined) throw new TypeError("no network");
  return { ok: answer !== null, json: async () => answer };
}

const promises = [];
const waiting = {
  waitUntil: (promise) => promises.push(promise),
  data: event.text === undefined ? null : { json: () => JSON.parse(event.text) },
  notification: { data: event.data, close: () => note("close") },
  oldSubscription: event.oldKey ? subscriptionWith(event.oldKey) : null,
};
runInNewContext(script, { self, fetch, URL, Date, Uint8Array, Array, crypto, TextEncoder });
handlers[event.type](waiting);
const results = await Promise.allSettled(promises);
process.stdout.write(JSON.stringify({ notes, waited: promises.length, failed: results.some((one) => one.status === "rejected") }));
