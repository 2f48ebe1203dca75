/* The explorer's charts: a dot for every start, inertia upwards in all of them, by rank, silhouette
   and steps across. No library: dots by the ten thousand, one band through three charts and print
   are what has to be drawn, and charting libraries have lines. */
(() => {
  "use strict";
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  const NARROW = 1e-9; // gaps below are rounding
  const SPANS = 20; // of the largest gap to the smallest from which the axis is logarithmic
  const REACH = 1e6; // of the largest to the smallest that such an axis tells apart
  const [ZERO, FIRST, LAST] = [.07, .17, .94]; // places of no gap, the smallest and the largest on it
  const GAP = 14; // pixels between the columns of inits
  const SUPER = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

  /* A number with so many significant digits; powers of ten beyond a million and below 1e-4. */
  function said(value, digits = 4) {
    if (!Number.isFinite(value)) return "–";
    const [mantissa, power] = value.toExponential(digits - 1).split("e");
    const plain = value === 0 || (power > -5 && power < 7);
    const text = plain ? value.toFixed(Math.max(0, value ? digits - 1 - power : 0)) : `${mantissa} × 10${[...String(Number(power))].map(c => SUPER[c]).join("")}`;
    return text.replace("-", "−");
  }

  /* Round values from low to high, about so many. */
  function ticksOf(low, high, most) {
    const room = (high - low) / Math.max(1, most), unit = 10 ** Math.floor(Math.log10(room));
    const step = [1, 2, 5, 10].map(m => m * unit).find(size => size >= room * .999) || room;
    const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9), ticks = [];
    for (let i = first; i <= last && ticks.length < 50; i++) ticks.push(i * step);
    return ticks;
  }

  function percent(gap) {
    if (gap === null || !Number.isFinite(gap)) return "–";
    if (gap > 0 && gap < NARROW) return "< 10⁻⁷ %";
    return `${gap === 0 ? 0 : said(100 * gap, 3).replace(/(\.\d*?)0+( |$)/, "$1$2").replace(/\.( |$)/, "$1")} %`;
  }

  const gapOf = (inertia, best) => (best > 0 && Number.isFinite(inertia) ? Math.max(0, (inertia - best) / best) : inertia === best ? 0 : null);

  /* Where values stand between 0 and 1, and back. */
  class Scale {
    constructor(values, pad = .08) {
      const [low, high] = limits(values), span = high - low || Math.abs(low) / 50 || 1;
      [this.low, this.high] = [low - pad * span, high + pad * span];
    }
    at(value) { return (value - this.low) / (this.high - this.low); }
    back(place) { return this.low + place * (this.high - this.low); }
    ticks(most) {
      const ticks = ticksOf(this.low, this.high, most);
      const digits = [3, 4, 5, 6, 8, 10, 12].find(count => new Set(ticks.map(tick => said(tick, count))).size === ticks.length) || 15;
      return ticks.map(tick => [tick, said(tick, digits).replace(/\.0+$/, "")]);
    }
  }

  /* The same of inertias by their gaps to the best: even, or by powers of ten, with 0 a place of its own. */
  class GapScale {
    constructor(values, best) {
      this.best = best;
      const gaps = Array.from(values, value => gapOf(value, best)).filter(gap => gap > NARROW);
      const [low, high] = limits(gaps);
      this.name = "gap to the best inertia known";
      this.log = gaps.length > 0 && high > SPANS * low;
      if (this.log) [this.low, this.high] = [Math.log(Math.max(low, high / REACH)), Math.log(high)];
      else this.even = new Scale([0, gaps.length ? high : .01]);
    }
    at(inertia) {
      const gap = gapOf(inertia, this.best);
      if (this.even) return this.even.at(gap);
      return gap <= NARROW ? ZERO : FIRST + (LAST - FIRST) * Math.max(0, (Math.log(gap) - this.low) / (this.high - this.low));
    }
    back(place) {
      if (this.even) return this.best * (1 + this.even.back(place));
      if (place < FIRST) return this.best * (1 + (place < ZERO ? -1 : place < (ZERO + FIRST) / 2 ? NARROW : Math.exp(this.low) / 2));
      return this.best * (1 + Math.exp(this.low + (place - FIRST) / (LAST - FIRST) * (this.high - this.low)));
    }
    ticks(most) {
      const gaps = this.even ? this.even.ticks(most).map(([gap]) => gap).filter(gap => gap >= 0) : [0, ...this.powers(most)];
      return gaps.map(gap => [this.best * (1 + gap), percent(Number(gap.toPrecision(6)))]);
    }
    powers(most) {
      const decades = (this.high - this.low) / Math.LN10, ticks = [];
      for (let power = Math.floor(this.low / Math.LN10); power <= this.high / Math.LN10; power++) {
        for (const m of decades > 2 ? [1] : [1, 2, 5]) ticks.push(m * 10 ** power);
      }
      const seen = ticks.filter(tick => Math.log(tick) >= this.low - .01 && Math.log(tick) <= this.high + .01);
      return seen.filter((_, i) => i % Math.ceil(seen.length / most) === 0);
    }
  }

  function limits(values) {
    let low = Infinity, high = -Infinity;
    for (const value of values) if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return low > high ? [0, 1] : [low, high];
  }

  /* A chart: a canvas for what stays and one above it for what follows the pointer. */
  class Chart {
    constructor(root, kind) {
      this.root = root;
      this.kind = kind;
      [this.ground, this.top] = root.querySelectorAll("canvas");
      this.pen = this.ground.getContext("2d");
      this.above = this.top.getContext("2d");
      this.marks = [];
    }
    begin(canvas, pen) {
      const { clientWidth: width, clientHeight: height } = canvas, ratio = devicePixelRatio || 1;
      const size = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== size[0]) canvas.width = size[0];
      if (canvas.height !== size[1]) canvas.height = size[1];
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
      pen.font = `12px ${FONT}`;
      return { width, height };
    }
    /* Dots at their places. shown: {columns, y, inBand}, columns: {name, color, cell, walk}. */
    draw(shown, style) {
      const { pen } = this, { width, height } = this.begin(this.ground, pen);
      this.shown = shown;
      this.style = style;
      const labels = shown.y.ticks(6);
      const left = Math.ceil(Math.max(...labels.map(([, text]) => pen.measureText(text).width), 10)) + 34;
      const top = this.kind === "ranks" ? 24 : 10;
      this.box = { left, top, width: width - left - 10, height: height - top - 40 };
      this.marks = [];
      if (this.box.width < 20 || this.box.height < 20) return;
      this.frame(labels);
      this.kind === "ranks" ? this.columns() : this.plane();
      for (const outside of [true, false]) this.dots(mark => shown.inBand(mark.inertia) !== outside, outside);
      this.over(null, null);
    }
    up(inertia) { return this.box.top + this.box.height * (1 - this.shown.y.at(inertia)); }
    down(y) { return this.shown.y.back(1 - (y - this.box.top) / this.box.height); }
    frame(labels) {
      const { pen, box, style } = this, bottom = box.top + box.height;
      pen.strokeStyle = style.line;
      pen.fillStyle = style.soft;
      pen.textAlign = "right";
      pen.textBaseline = "middle";
      pen.lineWidth = 1;
      for (const [tick, text] of labels) {
        const y = Math.round(this.up(tick)) + .5;
        pen.beginPath();
        pen.moveTo(box.left, y);
        pen.lineTo(box.left + box.width, y);
        pen.stroke();
        pen.fillText(text, box.left - 6, y);
      }
      pen.save();
      pen.translate(14, box.top + box.height / 2);
      pen.rotate(-Math.PI / 2);
      pen.textAlign = "center";
      pen.fillStyle = style.ink;
      pen.fillText(this.shown.y.name || "inertia", 0, 0);
      pen.restore();
      pen.strokeStyle = style.soft;
      pen.beginPath();
      pen.moveTo(box.left - .5, box.top);
      pen.lineTo(box.left - .5, bottom + .5);
      pen.lineTo(box.left + box.width, bottom + .5);
      pen.stroke();
    }
    across(ticks, name, at) {
      const { pen, box, style } = this, bottom = box.top + box.height;
      pen.fillStyle = style.soft;
      pen.textAlign = "center";
      pen.textBaseline = "top";
      let end = -Infinity;
      for (const [value, text] of ticks) {
        const x = at(value), half = pen.measureText(text).width / 2;
        if (x - half < end + 6) continue;
        pen.fillText(text, Math.min(x, box.left + box.width + 9 - half), bottom + 6);
        end = x + half;
      }
      pen.fillStyle = style.ink;
      pen.fillText(name, box.left + box.width / 2, bottom + 22);
    }
    /* Starts by rank, a column for each init: the flat parts are basins. */
    columns() {
      const { box, pen, style, shown } = this, width = (box.width - GAP * (shown.columns.length - 1)) / shown.columns.length;
      const radius = Math.max(1.6, Math.min(4, 40 / Math.sqrt(Math.max(...shown.columns.map(column => column.walk.length), 1)) + 1));
      this.spans = shown.columns.map((column, c) => [box.left + c * (width + GAP), width]);
      shown.columns.forEach((column, c) => {
        const [left] = this.spans[c], { cell } = column;
        pen.fillStyle = style.colors[column.color];
        pen.textAlign = "left";
        pen.textBaseline = "alphabetic";
        pen.fillRect(left, 6, 10, 10);
        pen.fillStyle = style.ink;
        pen.fillText(cut(pen, column.name, width - 14), left + 14, 15);
        for (const i of column.walk) {
          const x = left + radius + (width - 2 * radius) * (cell.outcomes > 1 ? cell.ranks[i] / (cell.outcomes - 1) : .5);
          this.marks.push({ x, y: this.up(cell.inertia[i]), radius, color: column.color, column: c, places: [i], inertia: cell.inertia[i], full: cell.converged(i) });
        }
      });
      const wide = this.spans[0][1] > 120;
      const ticks = this.spans.flatMap(([start]) => (wide ? [0, .5, 1] : [0, 1]).map(share => [start + share * width, share === 0 ? "0" : `${100 * share} %`]));
      this.across(ticks, "share of the init's starts", x => x);
    }
    /* Starts by a number of theirs; equal ones are one dot, its area their share of the cell. */
    plane() {
      const { box, shown, kind } = this, values = kind === "steps" ? cell => cell.steps : cell => cell.silhouette;
      const all = shown.columns.flatMap(({ cell, walk }) => Array.from(walk, i => values(cell)[i]));
      const scale = new Scale(all), at = value => box.left + box.width * scale.at(value);
      const groups = new Map();
      shown.columns.forEach(({ cell, walk, color }, column) => {
        for (const i of walk) {
          const value = values(cell)[i], inertia = cell.inertia[i];
          if (!Number.isFinite(value)) continue;
          const x = at(value), y = this.up(inertia), full = cell.converged(i);
          const key = `${column} ${Math.round(2 * x)} ${kind === "steps" ? Math.round(2 * y) : inertia} ${full}`;
          const group = groups.get(key);
          if (group) group.places.push(i);
          else groups.set(key, { x, y, color, column, places: [i], inertia, full });
        }
      });
      for (const mark of groups.values()) {
        mark.radius = 2 + 12 * Math.sqrt(mark.places.length / shown.columns[mark.column].walk.length);
        this.marks.push(mark);
      }
      this.marks.sort((a, b) => b.radius - a.radius);
      const name = kind === "steps" ? "steps" : "silhouette";
      const ticks = scale.ticks(5).filter(([tick]) => kind !== "steps" || Number.isInteger(tick));
      this.across(ticks, all.some(Number.isFinite) ? name : `${name}: not recorded`, at);
    }
    dots(chosen, faint) {
      const { pen, style } = this;
      for (const mark of this.marks) {
        if (!chosen(mark) || (faint && this.kind !== "ranks")) continue;
        pen.strokeStyle = pen.fillStyle = faint ? style.line : style.colors[mark.color];
        pen.globalAlpha = mark.radius > 4 ? .75 : 1;
        pen.beginPath();
        pen.arc(mark.x, mark.y, mark.radius, 0, 7);
        mark.full ? pen.fill() : pen.stroke();
      }
      pen.globalAlpha = 1;
    }
    /* What is above the dots: the band, the start under the pointer, the start that is chosen. */
    over(band, rings) {
      const { above: pen, box, style, shown } = this;
      this.begin(this.top, pen);
      if (!shown || box.width < 20) return;
      if (band) {
        const [low, high] = [this.up(band[0]), this.up(band[1])].map(y => Math.max(box.top, Math.min(box.top + box.height, y)));
        pen.fillStyle = style.band;
        pen.fillRect(box.left, high - 2, box.width, low - high + 4);
      }
      for (const [start, strong] of rings || []) {
        const mark = this.markOf(start);
        if (!mark) continue;
        pen.beginPath();
        pen.arc(mark.x, mark.y, mark.radius + 4, 0, 7);
        pen.strokeStyle = style.paper;
        pen.lineWidth = strong ? 5 : 4;
        pen.stroke();
        pen.strokeStyle = strong ? style.accent : style.ink;
        pen.lineWidth = strong ? 3 : 1.5;
        pen.stroke();
      }
    }
    markOf({ cell, place }) {
      const column = this.shown.columns.findIndex(each => each.cell === cell);
      return this.marks.find(mark => mark.column === column && mark.places.includes(place));
    }
    /* The start nearest to a place of the chart, within reach. */
    near(x, y, reach = 24) {
      let found = null, least = reach * reach;
      for (const mark of this.marks) {
        if (!this.shown.inBand(mark.inertia)) continue;
        const away = Math.max(0, Math.hypot(mark.x - x, mark.y - y) - mark.radius) ** 2;
        if (away < least || (found && away === least && mark.radius < found.radius)) [found, least] = [mark, away];
      }
      return found && { mark: found, cell: this.shown.columns[found.column].cell, place: found.places[0] };
    }
  }

  function cut(pen, text, room) {
    let shown = text;
    while (shown && pen.measureText(shown).width > room) shown = shown.slice(0, -2) + "…";
    return shown;
  }

  Object.assign(window.KMeansLab, { Chart, GapScale, Scale, gapOf, percent, said });
})();
