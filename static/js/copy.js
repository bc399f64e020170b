// A button that copies the address beside it. Without this script there is none, and the address can be selected.
for (const address of document.querySelectorAll(".address")) {
  const field = address.querySelector(".address-input");
  const button = address.querySelector(".address-copy");
  const told = address.querySelector(".address-told");
  const tell = (words) => {
    told.textContent = "";
    // Said anew each time: a screen reader passes over words that were there before.
    setTimeout(() => { told.textContent = words; }, 50);
  };
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      tell("Copied");
    } catch (refused) {
      // Not over http, and not where the browser forbids it: then the oldest way, or the keyboard.
      field.select();
      tell(document.execCommand("copy") ? "Copied" : "Selected: now copy it with your keyboard or your finger.");
    }
  });
}
