/* The explorer: chooses among the starts of a study, and has a chosen one computed and played.
   What is chosen stands in the address: #cell=iris/3/random&seed=128&inertia=37..38 */
(() => {
  "use strict";
  const { Chart, GapScale, Scale, SCORED, filmOf, gapOf, percent, said, silhouette, steps } = window.KMeansLab;
  const dark = matchMedia("(prefers-color-scheme: dark)"), paper = matchMedia("print"), still = matchMedia("(prefers-reduced-motion: reduce)");
  const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i4: Int32Array, f4: Float32Array, f8: Float64Array };
  const SLICE = 40; // milliseconds of computing between two looks at the page
  const NARROW = 700; // pixels below which the charts leave no room for the film
  const SIDE_BY_SIDE = 5; // inits that have a column at first

  async function unpacked(text, kind) {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new TYPES[kind](await new Response(stream).arrayBuffer());
  }

  const whole = number => String(number).replace(/\B(?=(\d{3})+$)/g, number < 10000 ? "" : "\u202f");

  /* The starts of a cell: columns of numbers, a place in them is a start. */
  class Cell {
    constructor(packed, page) {
      Object.assign(this, packed);
      this.converged = place => page.status[this.status[place]] === "converged";
      this.ending = place => page.status[this.status[place]];
    }
    async load() {
      const kinds = { seeds: "u4", ranks: "i4", status: "u1", steps: "u4", inertia: "f8", silhouette: "f4", optimum: "u4" };
      await Promise.all(Object.entries(kinds).map(async ([name, kind]) => { this[name] = await unpacked(this[name], kind); }));
      for (let i = 1; i < this.seeds.length; i++) this.seeds[i] += this.seeds[i - 1];
      this.order = Uint32Array.from(this.ranks.keys()).filter(i => this.ranks[i] >= 0).sort((a, b) => this.ranks[a] - this.ranks[b]);
      this.outcomes = this.order.length ? Math.max(this.starts - this.ranks.filter(rank => rank < 0).length, this.ranks[this.order.at(-1)] + 1) : 0;
      return this;
    }
    seed(place) { return String(BigInt(this.base) + BigInt(this.seeds[place])); }
    placeOf(seed) { return this.seeds.findIndex((_, place) => this.seed(place) === seed); }
    async first(place, points, k, d) {
      if (!this.firsts) return null;
      this.places ||= this.firsts.places && await unpacked(this.firsts.places, "u4");
      this.values ||= this.firsts.values && await unpacked(this.firsts.values, "f8");
      if (this.values) return this.values.slice(place * k * d, (place + 1) * k * d);
      const rows = this.places.subarray(place * k, (place + 1) * k);
      return Float64Array.from({ length: k * d }, (_, m) => points[rows[Math.floor(m / d)] * d + m % d]);
    }
  }

  class Explorer {
    constructor(root) {
      this.root = root;
      this.page = JSON.parse(root.querySelector(":scope > script").textContent);
      this.find = name => root.querySelector(`[data-part="${name}"]`);
      this.charts = [...root.querySelectorAll("[data-chart]")].map(each => new Chart(each, each.dataset.chart));
      this.stages = [...root.querySelectorAll("[data-stage]")];
      this.list = this.find("list");
      this.option = this.find("option");
      this.band = null;
      this.listen();
      this.ready = this.open(this.wanted() || {}).then(() => performance.mark("explorer-ready"));
      window.KMeansExplorer = this;
    }

    /* --- what is asked for --- */
    wanted() {
      const parts = Object.fromEntries(location.hash.slice(1).split("&").map(part => part.split("=").map(text => {
        try { return decodeURIComponent(text); } catch { return text; }
      })));
      if (/^\d+$/.test(parts.run)) Object.assign(parts, this.started(BigInt(parts.run)));
      return "seed" in parts || "inertia" in parts || "cell" in parts ? parts : null;
    }
    /* Run i·C + c is the start of the i-th seed in the c-th of C cells. */
    started(run) {
      const cells = this.page.boards.flatMap(board => board.cells), count = BigInt(cells.length);
      return { cell: cells[Number(run % count)].label, seed: String(BigInt(this.page.seed) + run / count) };
    }
    async open({ cell, seed, inertia }) {
      const labels = this.page.boards.map(board => board.cells.findIndex(each => each.label === cell));
      const known = labels.findIndex(place => place >= 0), board = Math.max(0, known), init = Math.max(0, labels[board]);
      await this.choose(board);
      if (cell !== undefined && known < 0) {
        this.root.scrollIntoView();
        this.find("facts").textContent = `No cell ${cell} is here; there are ${this.page.boards.flatMap(each => each.cells.map(one => one.label)).join(", ")}.`;
        return;
      }
      const [low, high] = (inertia || "").split("..").map(Number).sort((one, other) => one - other);
      if (inertia && low <= high) this.filter([low, high]);
      if (seed === undefined && !inertia) return this.later(init);
      this.root.scrollIntoView();
      if (inertia && !(low <= high)) this.find("facts").textContent = `inertia=${inertia} is no range; one is inertia=${said(this.levels[0] ?? 0)}..${said(this.levels.at(-1) ?? 1)}.`;
      if (seed === undefined) return;
      await this.pick(this.board.cells[init], seed);
      if (innerWidth < NARROW) this.find("facts").scrollIntoView(); // else the charts fill the screen
    }
    /* The worst start of the first cell that has one, when the explorer comes into sight. */
    later() {
      const cell = this.board.cells.find(each => "worst" in each.picks);
      new IntersectionObserver(([entry], observer) => {
        if (!entry.isIntersecting) return;
        observer.disconnect();
        if (cell && !this.chosen) this.select({ cell, place: cell.picks.worst }, { silent: true });
      }).observe(this.find("stages"));
    }
    keep() {
      const { chosen, band } = this, several = this.page.boards.flatMap(board => board.cells).length > 1, parts = [];
      if (chosen && several) parts.push(`cell=${encodeURIComponent(chosen.cell.label).replaceAll("%2F", "/")}`);
      if (chosen) parts.push(`seed=${chosen.cell.seed(chosen.place)}`);
      if (band) parts.push(`inertia=${band[0]}..${band[1]}`);
      try {
        history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : location.pathname + location.search);
      } catch { /* a page in a frame without an address */ }
    }

    /* --- boards, inits, band --- */
    async choose(number) {
      const packed = this.page.boards[number];
      packed.loaded ||= Promise.all(packed.cells.map(cell => new Cell(cell, this.page).load()));
      this.board = { ...packed, number, cells: await packed.loaded };
      this.chosen = this.active = this.band = null;
      this.only = this.board.cells.length > SIDE_BY_SIDE ? 0 : -1;
      const levels = new Set(this.board.cells.flatMap(cell => Array.from(cell.order, i => cell.inertia[i])));
      this.levels = Float64Array.from(levels).sort();
      this.digits = [4, 5, 6, 7].find(digits => new Set(Array.from(this.levels.slice(0, 500), x => said(x, digits))).size === Math.min(500, this.levels.length)) || 7;
      this.scale = this.board.best > 0 ? new GapScale(this.levels, this.board.best) : new Scale(this.levels);
      if (this.find("board")) this.find("board").value = number;
      const inits = this.find("init");
      inits.replaceChildren(new Option("all, side by side", -1), ...this.board.cells.map((cell, c) => new Option(cell.init, c)));
      inits.value = this.only;
      inits.parentElement.hidden = this.board.cells.length < 2;
      this.stages.forEach(stage => { stage.hidden = true; });
      for (const name of ["from", "to"]) this.find(name).max = Math.max(0, this.levels.length - 1);
      this.find("facts").textContent = this.find("seed").value = "";
      this.arrange();
    }
    single(number) {
      this.only = Number(number);
      this.find("init").value = number;
      this.arrange();
    }
    /* The columns that are shown, and the starts in them that the band leaves. */
    arrange() {
      const { board, only } = this;
      this.columns = board.cells.flatMap((cell, c) => (only < 0 || only === c ? [{ cell, name: cell.init, color: c % 8, walk: cell.order }] : []));
      this.filter(this.band);
    }
    inBand(inertia) { return !this.band || (inertia >= this.band[0] && inertia <= this.band[1]); }
    filter(band) {
      this.band = band;
      this.walk = this.columns.flatMap(({ cell, walk }) => Array.from(walk).filter(place => this.inBand(cell.inertia[place])).map(place => ({ cell, place })));
      const { levels } = this, [low, high] = band || [-Infinity, Infinity];
      const from = levels.findIndex(level => level >= low), to = levels.findLastIndex(level => level <= high);
      this.slide("from", from < 0 ? levels.length - 1 : from);
      this.slide("to", Math.max(0, to));
      this.find("all").disabled = !band;
      this.tell();
      this.draw();
    }
    slide(name, level) {
      const slider = this.find(name), inertia = this.levels[level];
      const text = `${said(inertia, this.digits)} (gap ${percent(gapOf(inertia, this.board.best))})`;
      slider.value = level;
      slider.setAttribute("aria-valuetext", text);
      this.find(`${name}-said`).textContent = text;
    }
    /* How many starts are in the band, of all that are shown. */
    tell() {
      const { columns, walk, band } = this, of = (inside, all) => (band ? `${whole(inside)} of ${whole(all)}` : whole(all));
      const sum = value => columns.reduce((total, column) => total + value(column), 0), shown = sum(column => column.walk.length);
      const every = sum(({ cell }) => cell.starts), dots = sum(({ cell }) => cell.seeds.length);
      const parts = columns.map(({ cell, walk: all }) => `${cell.init} ${of(walk.filter(start => start.cell === cell).length, all.length)}`);
      const counts = parts.length > 1 ? `: ${parts.join(", ")}` : "", noun = dots < every ? `dots, for ${whole(every)} starts` : "starts";
      const without = dots > shown ? ` ${whole(dots - shown)} without an outcome have no dot.` : "";
      this.find("count").textContent = `${of(walk.length, shown)} ${noun}${counts}.${without}`;
    }

    /* --- pictures --- */
    style() {
      const light = !dark.matches || paper.matches, colors = getComputedStyle(this.root);
      const style = { colors: this.page.colors[light ? "light" : "dark"] };
      for (const name of ["sheet", "ink", "soft", "line", "accent", "band"]) style[name] = colors.getPropertyValue(`--${name}`);
      return { ...style, paper: style.sheet };
    }
    draw() {
      if (!this.columns) return;
      const shown = { columns: this.columns, y: this.scale, inBand: inertia => this.inBand(inertia) }, style = this.style();
      for (const chart of this.charts) chart.draw(shown, style);
      this.mark();
    }
    mark() {
      const rings = [];
      if (this.active) rings.push([this.active, false]);
      if (this.chosen) rings.push([this.chosen, true]);
      for (const chart of this.charts) chart.over(this.band, rings);
    }
    describe({ cell, place }) {
      const inertia = cell.inertia[place], gap = percent(gapOf(inertia, this.board.best));
      const parts = [`${cell.init}, seed ${cell.seed(place)}`, `inertia ${said(inertia, this.digits)}`, `gap ${gap}`];
      parts.push(cell.optimum[place] ? `optimum ${cell.optimum[place]}` : cell.ending(place).replace("_", " "), `${cell.steps[place]} step${cell.steps[place] === 1 ? "" : "s"}`);
      return parts;
    }

    /* --- a start under the pointer or the keys, and a chosen one --- */
    point(start, tip) {
      this.active = start;
      const place = start ? this.walk.findIndex(each => each.cell === start.cell && each.place === start.place) : -1;
      if (start) {
        this.option.textContent = this.describe(start).join(", ");
        this.option.setAttribute("aria-posinset", place + 1);
        this.option.setAttribute("aria-setsize", this.walk.length);
        this.option.setAttribute("aria-selected", !!this.chosen && this.chosen.cell === start.cell && this.chosen.place === start.place);
      }
      this.hint(start, tip);
      this.mark();
    }
    hint(start, at) {
      const tip = this.find("tip");
      tip.hidden = !start || !at;
      if (tip.hidden) return;
      const more = at.more > 1 ? [`one of ${whole(at.more)} starts here`] : [];
      tip.replaceChildren(...[...this.describe(start), ...more].map(text => Object.assign(document.createElement("span"), { textContent: text })));
      const room = this.root.getBoundingClientRect(), width = tip.offsetWidth, height = tip.offsetHeight;
      const left = at.x - room.left + 14, top = at.y - room.top - height - 12;
      tip.style.left = `${Math.max(0, left + width > room.width ? left - width - 28 : left)}px`;
      tip.style.top = `${top + room.top < 0 ? at.y - room.top + 18 : top}px`;
    }
    async pick(cell, seed) {
      const place = cell.placeOf(seed);
      if (place >= 0) return this.select({ cell, place });
      const { starts, seeds } = cell, none = `${cell.init} has no dot of seed ${seed}`;
      this.find("facts").textContent = starts > seeds.length ? `${none}: of its ${whole(starts)} starts ${whole(seeds.length)} are shown. Any other is drawn by kmeans-lab render, as seed=${seed}.` : `${none}: its seeds are ${cell.seed(0)} to ${cell.seed(seeds.length - 1)}.`;
    }
    async select(start, { play = false, silent = false } = {}) {
      this.chosen = start;
      if (!this.columns.some(({ cell }) => cell === start.cell)) this.single(this.board.cells.indexOf(start.cell));
      if (silent) this.mark(); // whatever is pointed at goes on being it
      else {
        this.point(start);
        this.keep();
      }
      const field = this.find("seed");
      if (!silent || !field.value) field.value = start.cell.seed(start.place);
      await this.film(start, play);
    }
    /* The film of a start, computed here. */
    async film(start, play) {
      const { board, page } = this, { cell, place } = start, facts = this.find("facts"), data = page.data[board.data];
      const told = this.describe(start).join(", "), stage = this.stages[board.number], token = this.token = {};
      facts.textContent = `${told}.`;
      if (!cell.firsts) return;
      data.loaded ||= unpacked(data.points, "f8");
      const points = await data.loaded, first = await cell.first(place, points, board.k, data.d);
      if (first.some(Number.isNaN)) return;
      const made = [], rules = { maxIter: page.maxIter, empty: page.empty, limit: data.limit }, all = steps(points, data.d, first, rules);
      let began = performance.now(), next = all.next();
      for (; !next.done; next = all.next()) {
        made.push({ ...next.value, silhouette: silhouette(points, data.d, next.value.labels, board.k) });
        if (performance.now() - began < SLICE) continue;
        facts.textContent = `${told}. Computing step ${made.length} …`;
        await new Promise(resolve => { setTimeout(resolve); });
        if (this.token !== token) return;
        began = performance.now();
      }
      board.wanted ||= await unpacked(board.labels, "u2");
      if (this.token !== token) return; // another start was chosen meanwhile
      const trace = { k: board.k, d: data.d, init: cell.init, seed: cell.seed(place), best: board.best, ...next.value, steps: made };
      this.trace = { ...trace, cell: cell.label, seed: cell.seed(place) };
      facts.textContent = this.verdict(trace, cell, place);
      this.show(stage, trace, this.about(start, trace), told, play);
    }
    verdict({ inertia, status, steps: made }, cell, place) {
      const equal = (inertia ?? NaN) === cell.inertia[place] || (inertia === undefined && Number.isNaN(cell.inertia[place]));
      if (equal && status === cell.ending(place) && made.length === cell.steps[place]) {
        const outside = this.inBand(inertia) ? "" : " It is outside the range of inertia that is shown.";
        const where = inertia === undefined ? "without an outcome, as stored" : "at the stored inertia to the last bit";
        return `Seed ${cell.seed(place)}, computed in this page from its first centers, ends ${where}.${outside}`;
      }
      return `Seed ${cell.seed(place)}, computed in this page, comes out as another start: ${status.replace("_", " ")} after ${made.length} steps at inertia ${said(inertia ?? NaN, 9)}.`;
    }
    /* What is written over the first and the last frame of its film. */
    about({ cell, place }, { steps: made, status, inertia }) {
      const { board } = this, gap = gapOf(inertia ?? NaN, board.best), pick = Object.keys(cell.picks).find(name => cell.picks[name] === place);
      const who = [cell.init, `seed ${cell.seed(place)}`, ...(pick && cell.starts > 1 ? [`${pick} of ${whole(cell.starts)} starts`] : [])].join(" · ");
      const many = `${made.length} step${made.length === 1 ? "" : "s"}`, ended = `${{ converged: "Converged in", max_iter: "Cut off after" }[status] || "Stopped after"} ${many}`;
      const where = gap === null ? "" : gap < 1e-9 ? "the best known" : `${percent(gap)} above the best known`;
      const line = [`inertia ${said(inertia ?? NaN)}`, ...(cell.optimum[place] ? [`optimum ${cell.optimum[place]}`] : [])];
      const verdict = status === "converged" && where ? [`${gap < 1e-9 ? "Found" : "Ended"} ${where}`, [...line, many].join(" · ")] : [ended, ...(inertia === undefined ? [] : [[...line, where].filter(Boolean).join(" · ")])];
      return { best: board.best, card: [`${board.data}, k = ${board.k}`, who], verdict, scored: made[0].labels.length <= SCORED };
    }
    show(stage, trace, about, told, play) {
      const player = stage.querySelector(".kml-film").player;
      this.blank ||= new Map();
      if (!this.blank.has(player)) this.blank.set(player, player.data);
      stage.hidden = false;
      player.load(filmOf(this.blank.get(player), trace, this.board.view, this.board.wanted, about));
      player.root.setAttribute("aria-label", `Film of ${player.frames} frames: ${told}. Space plays, arrows step, Home and End jump.`);
      player.root.querySelector(".kml-view").setAttribute("aria-label", told);
      player.root.querySelector(".kml-title").textContent = told;
      this.player = player;
      if (play && !still.matches) player.toggle();
    }

    /* --- what is listened to --- */
    listen() {
      const on = (name, kind, does) => this.find(name)?.addEventListener(kind, does);
      on("board", "change", event => this.choose(Number(event.target.value)).then(() => { this.keep(); this.later(); }));
      on("init", "change", event => this.single(event.target.value));
      on("all", "click", () => this.brush(null));
      for (const name of ["from", "to"]) on(name, "input", () => this.brushed(name));
      on("ask", "submit", event => {
        event.preventDefault();
        const cell = this.only >= 0 ? this.board.cells[this.only] : this.chosen?.cell || this.board.cells[0];
        this.pick(cell, this.find("seed").value.trim());
      });
      for (const button of this.root.querySelectorAll("[data-pick]")) button.addEventListener("click", () => this.ranked(button.dataset.pick));
      on("list", "keydown", event => this.key(event));
      on("list", "focus", () => this.point(this.active || this.chosen || this.walk[0] || null));
      on("list", "blur", () => this.point(null));
      for (const chart of this.charts) {
        this.follow(chart);
        new ResizeObserver(() => this.draw()).observe(chart.root);
      }
      for (const query of [dark, paper]) query.addEventListener("change", () => this.draw());
      addEventListener("beforeprint", () => {
        this.draw();
        this.player?.draw();
      });
      addEventListener("hashchange", () => { const wanted = this.wanted(); if (wanted) this.open(wanted); });
    }
    ranked(pick) {
      const cells = this.only >= 0 ? [this.board.cells[this.only]] : this.board.cells.filter(cell => pick in cell.picks);
      const cell = this.chosen && cells.includes(this.chosen.cell) ? this.chosen.cell : cells[0];
      if (cell && pick in cell.picks) this.select({ cell, place: cell.picks[pick] }, { play: true });
    }
    brushed(name) {
      const value = part => Number(this.find(part).value), other = name === "from" ? "to" : "from";
      if (value("from") > value("to")) this.find(other).value = value(name);
      this.brush(value("from") === 0 && value("to") === this.levels.length - 1 ? null : [this.levels[value("from")], this.levels[value("to")]]);
    }
    brush(band) {
      this.filter(band);
      this.keep();
    }
    follow(chart) {
      const { top } = chart, place = event => [event.offsetX, event.offsetY];
      let begun = null;
      top.addEventListener("pointerdown", event => {
        begun = event.pointerType === "touch" || event.button ? null : { y: event.offsetY, moved: false };
        if (begun) top.setPointerCapture(event.pointerId);
      });
      top.addEventListener("pointermove", event => {
        if (begun && (begun.moved ||= Math.abs(event.offsetY - begun.y) > 5)) return this.drag(chart, begun.y, event.offsetY);
        const found = chart.near(...place(event));
        this.point(found, found && { x: event.clientX, y: event.clientY, more: found.mark.places.length });
      });
      top.addEventListener("pointerleave", () => this.point(null));
      top.addEventListener("pointerup", event => {
        if (begun?.moved) this.keep();
        else if (chart.near(...place(event))) this.tapped(chart, event);
        begun = null;
      });
    }
    tapped(chart, event) {
      const { cell, place, mark } = chart.near(event.offsetX, event.offsetY);
      // Among equal dots the next click takes the next start.
      const at = this.chosen?.cell === cell ? mark.places.indexOf(this.chosen.place) : -1;
      this.select({ cell, place: mark.places[(at + 1) % mark.places.length] ?? place }, { play: true });
    }
    drag(chart, from, to) {
      const [high, low] = [from, to].sort((a, b) => a - b).map(y => chart.down(y));
      const inside = this.levels.filter(level => level >= low && level <= high);
      this.point(null);
      this.filter(inside.length ? [inside[0], inside.at(-1)] : [low, high]);
    }
    key(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const { walk, active } = this, at = walk.findIndex(each => active && each.cell === active.cell && each.place === active.place);
      const go = { ArrowRight: () => at + 1, ArrowLeft: () => at - 1, Home: () => 0, End: () => walk.length - 1,
        ArrowUp: () => this.level(at, 1), ArrowDown: () => this.level(at, -1), PageUp: () => this.column(at, -1), PageDown: () => this.column(at, 1) };
      if (event.key in go) {
        const next = at < 0 ? 0 : Math.max(0, Math.min(walk.length - 1, go[event.key]()));
        if (walk.length) this.point(walk[next]);
      } else if ((event.key === "Enter" || event.key === " ") && active) this.select(active, { play: true });
      else return;
      event.preventDefault();
    }
    /* The next start of another inertia, in the same column. */
    level(at, way) {
      const inertia = ({ cell, place }) => cell.inertia[place], { walk } = this;
      let next = at;
      while (walk[next + way]?.cell === walk[at].cell && inertia(walk[next]) === inertia(walk[at])) next += way;
      return next;
    }
    /* The first start of another column. */
    column(at, way) {
      const { columns, walk } = this, now = columns.findIndex(({ cell }) => cell === walk[at]?.cell);
      const next = columns[Math.max(0, Math.min(columns.length - 1, now + way))].cell, found = walk.findIndex(({ cell }) => cell === next);
      return found < 0 ? at : found;
    }
  }

  function start() {
    for (const root of document.querySelectorAll(".explorer")) {
      if ("DecompressionStream" in window) new Explorer(root);
      else root.querySelector("[data-part=count]").textContent = "This browser cannot unpack the starts; Chrome 80, Firefox 113 and Safari 16.4 can.";
    }
  }
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", start) : start();
})();
