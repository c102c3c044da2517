"use strict";
// Decides which panel wants a picture, keeps Plotly's letters readable, saves figures as files.
(() => {
  const near = new Set();
  const none = () => window.dash_clientside.no_update;
  const put = (id, props) => window.dash_clientside.set_props(id, props);

  // ---- what is seen

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) { near.delete(target.id); continue; }
      near.add(target.id);
      put({ type: "seen", anchor: target.id }, { data: Date.now() });
    }
  }, { rootMargin: "200px" });

  // ---- the first sight, which came with the page, goes when the page shows as much

  function takeOver() {
    const first = document.getElementById("first-sight");
    const page = document.getElementById("react-entry-point");
    if (first && (page.querySelector(".leaderboard, .problem") || location.pathname !== "/")) {
      first.remove();
    }
  }

  // the server has escaped every name in this text
  function fill(text, { part }) {
    if (typeof text === "string") {
      document.querySelector(`[id*='"part":"${part}"']`).innerHTML = text;
    }
    return none();
  }

  const observed = new WeakSet();
  function observe() {
    takeOver();
    for (const panel of document.querySelectorAll("section.panel:not(.plain)")) {
      if (!observed.has(panel)) { observed.add(panel); observer.observe(panel); }
    }
    for (const id of near) if (!document.getElementById(id)) near.delete(id);
    goToAnchor();
  }
  new MutationObserver(observe).observe(document.documentElement, { childList: true, subtree: true });

  // ---- links to a panel: its place moves while the panels above it fill

  let patience = 0;
  const expect = () => { patience = Date.now() + 2500; goToAnchor(); };
  for (const kind of ["wheel", "touchstart", "keydown", "mousedown"]) {
    addEventListener(kind, () => { patience = 0; }, { passive: true });
  }
  function goToAnchor() {
    if (Date.now() > patience || location.hash.length < 2) return;
    const panel = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (panel) panel.scrollIntoView({ block: "start", behavior: "instant" });
  }
  addEventListener("hashchange", expect);
  addEventListener("load", expect);

  // ---- light and dark

  const root = document.documentElement;
  const isDark = () => root.dataset.mantineColorScheme === "dark";
  let told = null;
  function tellTheme() {
    if (!window.dash_clientside || !window.dash_clientside.set_props) return;
    if (!root.dataset.mantineColorScheme || isDark() === told) return;
    told = isDark();
    document.body.dataset.agThemeMode = told ? "dark" : "light";
    put("dark", { data: told });
  }
  new MutationObserver(tellTheme).observe(root, { attributeFilter: ["data-mantine-color-scheme"] });

  // ---- which picture a panel wants

  const AXIS = /^([xy]axis\d*)\.range/;
  function zoomed(anchor) {
    const plot = document.querySelector(`#${CSS.escape(anchor)} .js-plotly-plot`);
    return Boolean(plot && plot.dataset.zoomed);
  }
  function listen(plot) {
    if (plot.dataset.heard || !plot.on) return;
    plot.dataset.heard = "yes";
    plot.on("plotly_relayout", (change) => {
      const keys = Object.keys(change);
      if (keys.some((key) => key.endsWith(".autorange"))) delete plot.dataset.zoomed;
      else if (keys.some((key) => AXIS.test(key))) plot.dataset.zoomed = "yes";
    });
    // Dash leaves out what the squares of a heatmap carry
    plot.on("plotly_click", ({ points }) => {
      put("clicked", { data: { named: points[0].customdata, at: Date.now() } });
    });
    plot.on("plotly_doubleclick", () => { delete plot.dataset.zoomed; });
    const drawn = () => { mark(plot); goToAnchor(); };
    plot.on("plotly_afterplot", drawn);
    drawn();  // it may have been drawn before anybody listened
  }
  function mark(plot) {
    const panel = plot.closest(".panel");
    // an answer may have no trace: then its question is answered in words
    const answered = panel && !panel.querySelector(".scroll.waiting");
    if (panel && plot._fullData && (plot._fullData.length || answered)) panel.dataset.drawn = "yes";
  }
  function listenAll() {
    for (const plot of document.querySelectorAll(".panel .js-plotly-plot")) {
      listen(plot);
      mark(plot);
    }
  }
  setInterval(() => { listenAll(); offerMore(); }, 300);

  // panels that nobody sees are not asked, or every change would ask them all
  function askAgain() {
    for (const id of near) put({ type: "seen", anchor: id }, { data: Date.now() });
    return none();
  }

  function want(seen, variant, redraws, search, version, dark, old, shown, id) {
    if (!version || told === null || !near.has(id.anchor)) return none();
    listenAll();
    const wanted = {
      search: search || "", variant: variant || "", version, dark: told,
      redraws: redraws || 0,
    };
    const same = (other) => other && Object.keys(wanted).every((key) => wanted[key] === other[key]);
    // the server has just named the variant that it chose
    const named = old && !old.variant && shown && shown.variant === wanted.variant;
    if (same(old) || (named && same({ ...old, variant: wanted.variant }))) return none();
    return { ...wanted, zoomed: zoomed(id.anchor) };
  }

  // ---- navigation: the filters go along, the present page is marked

  function links(search, path, ids) {
    const here = path || "/";
    expect();  // a page that is put in place of another tells of no new hash
    return [
      ids.map((id) => id.path + (search || "")),
      ids.map((id) => (id.path === here ? "nav-link here" : "nav-link")),
    ];
  }

  // ---- how to read a figure: long texts show their first lines

  function offerMore() {
    for (const reading of document.querySelectorAll(".reading:not(.open)")) {
      const text = reading.querySelector(".how");
      reading.querySelector("button").hidden = text.scrollHeight <= text.clientHeight + 1;
    }
  }
  addEventListener("click", (event) => {
    const button = event.target.closest("button[data-more]");
    if (!button) return;
    const open = button.parentElement.classList.toggle("open");
    button.textContent = open ? "less" : "more";
    button.setAttribute("aria-expanded", String(open));
  });

  // ---- saving a figure: dark letters on white paper, with the question as its title

  async function save(anchor, format) {
    const panel = document.getElementById(anchor);
    const plot = panel && panel.querySelector(".js-plotly-plot");
    if (!plot || !plot._fullLayout) return;
    const layout = structuredClone(plot.layout);
    const question = panel.querySelector("h2 span").textContent;
    const escaped = question.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    layout.title = { text: escaped, x: 0, xref: "paper", font: { size: 17 } };
    layout.margin = { ...layout.margin, t: (layout.margin.t || 36) + 30 };
    layout.font = { ...layout.font, color: "#1c2430" };
    layout.paper_bgcolor = "#ffffff";
    const { width, height } = plot._fullLayout;
    await window.Plotly.downloadImage(
      { data: plot.data, layout, config: { staticPlot: true } },
      { format, width, height: height + 30, scale: format === "png" ? 2 : 1, filename: anchor },
    );
  }
  addEventListener("click", (event) => {
    const button = event.target.closest("button[data-save]");
    if (button) save(button.dataset.anchor, button.dataset.save);
  });

  setInterval(tellTheme, 200);
  window.dash_clientside = Object.assign({}, window.dash_clientside, { wbcray: { askAgain, fill, links, want } });
})();
