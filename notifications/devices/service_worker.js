// The worker that browsers keep for the curators' pages. SETTINGS stands above: the view that serves this file writes it.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(addressOf(event.notification)));
});

// -- showing --------------------------------------------------------------------------------------------------------

// Browsers take the permission away from a site whose pushes show nothing. So whatever comes, something is shown.
const PLAIN = { title: `New posts on ${SETTINGS.siteName}`, tag: "posts", navigate: SETTINGS.home };

async function show(data) {
  try {
    await display(read(data) ?? PLAIN);
  } catch {
    await display(PLAIN);
  }
}

function display(told) {
  return self.registration.showNotification(told.title, {
    body: told.body ?? "",
    tag: told.tag ?? PLAIN.tag,
    lang: told.lang ?? "",
    dir: told.dir ?? "auto",
    timestamp: told.timestamp ?? Date.now(),
    icon: SETTINGS.icon,
    badge: SETTINGS.badge,
    renotify: false,
    data: { url: told.navigate },
  });
}

/** The notification of a declarative push message (W3C Push API), or null for anything else. */
function read(data) {
  const message = data?.json();
  const isReadable = message?.web_push === 8030 && typeof message.notification?.title === "string";
  return isReadable && message.notification.title ? message.notification : null;
}

// -- opening --------------------------------------------------------------------------------------------------------

function addressOf(notification) {
  try {
    const address = new URL(notification.data.url, self.location.origin);
    // Not the origin alone: that of blob:https://our.site/… is ours, too.
    return address.href.startsWith(`${self.location.origin}/`) ? address.href : SETTINGS.home;
  } catch {
    return SETTINGS.home;
  }
}

async function open(address) {
  const windows = await self.clients.matchAll({ type: "window" });
  // A page with a form may contain what somebody has just written: it is left alone.
  const quiet = windows.find((client) => SETTINGS.quietPages.includes(new URL(client.url).pathname));
  try {
    if (!quiet) throw new Error("no window to take");
    await (await quiet.focus()).navigate(address);
  } catch {
    await self.clients.openWindow(address);
  }
}

// -- subscribing again ----------------------------------------------------------------------------------------------

/** The browser has changed or lost its subscription. If the server can't be told now, the next page visit does it. */
async function renew(event) {
  const present = await presentKey();
  const key = present?.public_key ?? event.oldSubscription?.options.applicationServerKey ?? SETTINGS.publicKey;
  const { pushManager } = self.registration;
  const held = await pushManager.getSubscription();
  const hasEnded = held?.expirationTime != null && held.expirationTime <= Date.now();
  if (hasEnded) await held.unsubscribe();
  const wish = { userVisibleOnly: true, applicationServerKey: key };
  const subscription = held && !hasEnded ? held : await pushManager.subscribe(wish);
  if (present) await tell(subscription, present.csrf_token);
}

/** The site's key and a token to post with; null unless a curator is logged in. */
async function presentKey() {
  try {
    const response = await fetch(SETTINGS.keyUrl, { credentials: "same-origin", redirect: "error" });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

async function tell(subscription, token) {
  await fetch(SETTINGS.subscribeUrl, {
    method: "POST",
    credentials: "same-origin",
    redirect: "error",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ ...subscription.toJSON(), key_id: await keyIdOf(subscription) }),
  });
}

async function keyIdOf(subscription) {
  const digest = await crypto.subtle.digest("SHA-256", subscription.options.applicationServerKey);
  return Array.from(new Uint8Array(digest).slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
