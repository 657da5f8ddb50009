(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  const dark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => button.setAttribute("aria-pressed", String(dark()));
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    show();
  });
  system.addEventListener("change", show);
  show();

  const options = JSON.parse(document.getElementById("options").textContent);
  const language = root.lang.startsWith("zh") ? "zh" : "en";
  const draw = () => {
    for (const [key, option] of Object.entries(options)) {
      HuitoukeCharts.draw(document.getElementById(`plot-${key}`), option, language);
    }
    root.dataset.drawn = "yes";
  };
  // Labels are measured, so the face must be there first; it is in this file.
  Promise.all([document.fonts.load("400 1em Inter"), document.fonts.load("600 1em Inter")]).then(draw, draw);
})();
