// What a reader chose, kept in this browser; where it keeps nothing, for as long as the page is open.

/** The only choice of this name that isn't the usual one. It is kept while it holds; for the usual one nothing is. */
export function choice(name, value) {
  let isMade = false;
  return {
    isMade() {
      try {
        return isMade || localStorage.getItem(name) === value;
      } catch (error) {
        return isMade;
      }
    },
    make(isWanted) {
      isMade = false;
      try {
        if (isWanted) localStorage.setItem(name, value);
        else localStorage.removeItem(name);
      } catch (error) {
        isMade = isWanted;
      }
    },
    /** Another page of the site made another choice, or this one comes back as it was left. */
    onChange(follow) {
      addEventListener("storage", (event) => (event.key === name || event.key === null) && follow());
      addEventListener("pageshow", (event) => event.persisted && follow());
    },
  };
}
