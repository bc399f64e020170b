// The three things that a page tells the server. Only a 2xx with JSON is a success; a login page is none.

import { settings } from "./settings.js";

/** What the site says of a post that it does not take; `needsNew`: it would take a new subscription. */
export class Refusal extends Error {
  constructor(message, needsNew = false) {
    super(message);
    this.needsNew = needsNew;
  }
}

export class NotReached extends Error {}

export const tellSubscribed = (facts) => post(settings.subscribe, facts);
export const tellUnsubscribed = (facts) => post(settings.unsubscribe, facts);
export const askStanding = (facts) => post(settings.sync, facts);

async function post(address, facts) {
  const response = await request(address, facts);
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw new Refusal(answer?.error ?? `The site answered with ${response.status}. Load this page again.`, answer?.rotate);
  }
  if (answer === null) throw new Refusal("The site gave an answer that can't be read. Load this page again.");
  return answer;
}

async function request(address, facts) {
  try {
    return await fetch(address, {
      method: "POST",
      credentials: "same-origin",
      redirect: "error",
      headers: { "Content-Type": "application/json", "X-CSRFToken": settings.csrf },
      body: JSON.stringify(facts),
    });
  } catch (error) {
    throw new NotReached("The site can't be reached.", { cause: error });
  }
}
