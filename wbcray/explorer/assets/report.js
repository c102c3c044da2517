"use strict";
// Draws each figure when it comes near the window; the page's question replaces the figure's title.
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const panels = [...document.querySelectorAll(".panel")];
  const config = {
    responsive: true,
    displaylogo: false,
    modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
    toImageButtonOptions: { format: "svg", scale: 1 },
  };

  const color = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function draw(panel) {
    const key = panel.dataset.shown || panel.dataset.first;
    const figure = structuredClone(figures[key]);
    delete figure.layout.title;
    figure.layout.margin.t = Math.max(figure.layout.margin.t - 20, 20);
    figure.layout.height -= 20;
    figure.layout.font.color = color("--ink");
    figure.layout.hoverlabel.bgcolor = color("--raised");
    figure.layout.hoverlabel.bordercolor = color("--line");
    figure.layout.hoverlabel.font.color = color("--ink");
    const plot = panel.querySelector(".figure");
    Plotly.purge(plot);
    panel.dataset.drawn = "no";
    Plotly.newPlot(plot, figure.data, figure.layout, {
      ...config,
      toImageButtonOptions: { ...config.toImageButtonOptions, filename: key },
    }).then(() => { panel.dataset.drawn = "yes"; });
  }

  function show(panel, key) {
    panel.dataset.shown = key;
    for (const button of panel.querySelectorAll(".chooser button")) {
      button.setAttribute("aria-pressed", String(button.value === key));
    }
    for (const numbers of panel.querySelectorAll(".numbers")) {
      numbers.hidden = numbers.dataset.variant !== key;
    }
    if (panel.dataset.drawn) draw(panel);
  }

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting && !entry.target.dataset.drawn) draw(entry.target);
    }
  }, { rootMargin: "800px" });

  for (const panel of panels) {
    show(panel, panel.dataset.first);
    for (const button of panel.querySelectorAll(".chooser button")) {
      button.addEventListener("click", () => show(panel, button.value));
    }
    const select = panel.querySelector(".chooser select");
    if (select) select.addEventListener("change", () => show(panel, select.value));
    near.observe(panel);
  }

  const redraw = () => panels.filter((panel) => panel.dataset.drawn).forEach(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", () => panels.filter((p) => !p.dataset.drawn).forEach(draw));
})();
