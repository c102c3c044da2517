"use strict";
// Draws each figure when it comes near the window, the others when the browser has nothing to do;
// the page's question replaces the figure's title.
(() => {
  const panels = [...document.querySelectorAll(".panel")];
  const config = {
    responsive: true,
    displaylogo: false,
    modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
    toImageButtonOptions: { format: "svg", scale: 1 },
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;

  function color(name) {
    const paper = { "--ink": "#1c2430", "--raised": "#f6f8fa", "--line": "#dfe4ea" };
    if (printing) return paper[name];
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  async function inflated(element) {
    const packed = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }

  function draw(panel) {
    const key = panel.dataset.shown;
    const element = document.getElementById(`f-${key}`);
    panel.dataset.drawn = "no";
    // a view's first figure is not packed, so that it can be drawn at once, also for printing
    if (element.type === "application/json") return plot(panel, key, JSON.parse(element.textContent));
    return inflated(element).then((figure) => {
      if (panel.dataset.shown === key) plot(panel, key, figure);
    });
  }

  function plot(panel, key, figure) {
    delete figure.layout.title;
    figure.layout.margin.t = Math.max(figure.layout.margin.t - 20, 20);
    figure.layout.height -= 20;
    figure.layout.font.color = color("--ink");
    figure.layout.hoverlabel.bgcolor = color("--raised");
    figure.layout.hoverlabel.bordercolor = color("--line");
    figure.layout.hoverlabel.font.color = color("--ink");
    const place = panel.querySelector(".figure");
    Plotly.purge(place);
    Plotly.newPlot(place, figure.data, figure.layout, {
      ...config,
      toImageButtonOptions: { ...config.toImageButtonOptions, filename: key },
    }).then(() => { panel.dataset.drawn = "yes"; });
  }

  function row(cells, kind) {
    const line = document.createElement("tr");
    for (const cell of cells) {
      const box = document.createElement(kind);
      box.textContent = cell;
      line.append(box);
    }
    return line;
  }

  async function tabulate(panel) {
    const key = panel.dataset.shown;
    const numbers = await inflated(document.getElementById(`n-${key}`));
    if (panel.dataset.shown !== key) return;
    const table = document.createElement("table");
    table.createCaption().textContent = numbers.cut;
    table.createTHead().append(row(numbers.columns, "th"));
    table.createTBody().append(...numbers.rows.map((cells) => row(cells, "td")));
    const place = panel.querySelector(".numbers .scroll");
    place.replaceChildren(table);
    place.dataset.variant = key;
  }

  function show(panel, key) {
    panel.dataset.shown = key;
    for (const button of panel.querySelectorAll(".chooser button")) {
      button.setAttribute("aria-pressed", String(button.value === key));
    }
    if (panel.querySelector(".numbers").open) tabulate(panel);
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
    const numbers = panel.querySelector(".numbers");
    numbers.addEventListener("toggle", () => { if (numbers.open) tabulate(panel); });
    near.observe(panel);
  }

  const whenIdle = window.requestIdleCallback || ((work) => setTimeout(work, 50));
  function drawNext() {
    const panel = panels.find((one) => !one.dataset.drawn);
    if (!panel) return;
    draw(panel);
    whenIdle(drawNext);
  }
  addEventListener("load", () => whenIdle(drawNext));

  function redraw(all) {
    for (const panel of panels) if (all || !panel.dataset.drawn) draw(panel);
  }
  dark.addEventListener("change", () => redraw(true));
  addEventListener("beforeprint", () => { printing = true; redraw(dark.matches); });
  addEventListener("afterprint", () => {
    printing = false;
    if (dark.matches) redraw(true);
  });
})();
