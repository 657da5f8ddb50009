// Toasts and what is read aloud: from the page, from htmx answers, from failed requests.
(() => {
  const SHOWN_MS = 8000;
  const region = document.getElementById("toasts");
  const voice = document.getElementById("told");

  // A text that is set twice in a row is read once; emptied first, it is read again.
  const say = (text) => {
    voice.textContent = "";
    requestAnimationFrame(() => { voice.textContent = text; });
  };

  // Good news goes by itself, unless somebody is reading it; the rest stays until closed.
  const letGo = (toast) => {
    if (!["good", "info", "success"].includes(toast.dataset.tone)) return;
    setTimeout(() => {
      if (toast.matches(":hover, :focus-within")) letGo(toast);
      else toast.remove();
    }, SHOWN_MS);
  };

  const tell = (said, tone) => {
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.dataset.tone = tone;
    const words = document.createElement("p");
    words.textContent = said;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button";
    Object.assign(close.dataset, { kind: "quiet", iconOnly: "", closesToast: "" });
    close.setAttribute("aria-label", region.dataset.close);
    close.textContent = "×";
    toast.append(words, close);
    region.append(toast);
    say(said);
    letGo(toast);
  };

  for (const toast of region.children) {
    say(toast.querySelector("p").textContent);
    letGo(toast);
  }

  region.addEventListener("click", (event) => {
    event.target.closest("[data-closes-toast]")?.closest(".toast").remove();
  });
  document.body.addEventListener("toast", (event) => tell(event.detail.said, event.detail.tone));
  document.body.addEventListener("htmx:responseError", () => tell(region.dataset.failed, "bad"));
  document.body.addEventListener("htmx:sendError", () => tell(region.dataset.offline, "bad"));
  document.body.addEventListener("htmx:timeout", () => tell(region.dataset.offline, "bad"));

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    event.detail.target?.setAttribute("aria-busy", "true");
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    event.detail.target?.removeAttribute("aria-busy");
  });

  // After a form came back with errors the first of them has the focus; after a part of the
  // page was exchanged, its heading (marked by data-lands) has.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    const wrong = event.detail.xhr?.status === 422
      && part.querySelector("[role='alert'][tabindex], [aria-invalid='true']");
    (wrong || part.querySelector("[data-lands]"))?.focus();
  });
})();
