// What the page knows of the site: addresses, the key, and which subscription the server believes this browser has.

export const settings = document.querySelector("script[data-push-settings]").dataset;
