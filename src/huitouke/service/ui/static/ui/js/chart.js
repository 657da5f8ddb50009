// The chart island: each [data-chart] names the JSON of its option. Colours are CSS variables
// inside the SVG, so a change of theme repaints it without a line of script.
(() => {
  const charts = new Map();
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

  const draw = (root) => {
    for (const box of root.querySelectorAll("[data-chart]")) {
      if (charts.has(box)) continue;
      const option = JSON.parse(document.getElementById(box.dataset.chart).textContent);
      const aria = { enabled: true, ...option.aria };
      charts.set(box, HuitoukeCharts.draw(box, { ...option, aria }, language));
    }
    document.documentElement.dataset.drawn = "yes";
  };

  document.body.addEventListener("htmx:beforeCleanupElement", (event) => {
    const chart = charts.get(event.detail.elt);
    if (chart) {
      chart.dispose();
      charts.delete(event.detail.elt);
    }
  });
  document.body.addEventListener("htmx:afterSettle", (event) => draw(event.detail.elt));

  // Labels are measured, so the face must be there first.
  const face = Promise.all([document.fonts.load("400 1em Inter"), document.fonts.load("600 1em Inter")]);
  face.then(() => draw(document), () => draw(document));
})();
