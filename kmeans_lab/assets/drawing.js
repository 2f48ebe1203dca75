/* What the pictures of a film are drawn with: numbers, shapes, the parts of a plane, a space, axes.
   The player's scripts are put together in one function. */
const dark = matchMedia("(prefers-color-scheme: dark)"), calm = matchMedia("(prefers-reduced-motion: reduce)");
const FONT = '"DejaVu Sans", system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif';
const SHAPES = { // corners of a marker around (0, 0); "o" is a disc
  s: [[-.9, -.9], [.9, -.9], [.9, .9], [-.9, .9]],
  "^": [[0, -1.2], [1.1, .9], [-1.1, .9]],
  v: [[0, 1.2], [1.1, -.9], [-1.1, -.9]],
  P: [[-.4, -1.2], [.4, -1.2], [.4, -.4], [1.2, -.4], [1.2, .4], [.4, .4], [.4, 1.2], [-.4, 1.2], [-.4, .4], [-1.2, .4], [-1.2, -.4], [-.4, -.4]],
  X: [[0, -.55], [.65, -1.2], [1.2, -.65], [.55, 0], [1.2, .65], [.65, 1.2], [0, .55], [-.65, 1.2], [-1.2, .65], [-.55, 0], [-1.2, -.65], [-.65, -1.2]],
  p: [0, 1, 2, 3, 4].map(i => [1.2 * Math.sin(i * 1.2566), -1.2 * Math.cos(i * 1.2566)]),
  D: [[0, -1], [1, 0], [0, 1], [-1, 0]],
};

/* Numbers as they were packed; those of a film made in the page are there already. */
function numbers(text, Type) {
  if (typeof text !== "string") return text;
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer), size = Type.BYTES_PER_ELEMENT;
  const read = Type === Float32Array ? "getFloat32" : "getUint16";
  return Type.from({ length: bytes.length / size }, (_, i) => view[read](i * size, true));
}

/* Labels of every row, plus 1, from the changes row by row, or as they are. */
function rowsOf(changes, count) {
  if (typeof changes[0] !== "string") return changes;
  let row = new Uint16Array(count);
  return changes.map(text => {
    const pairs = numbers(text, Uint16Array), half = pairs.length / 2;
    row = row.slice();
    for (let i = 0; i < half; i++) row[pairs[i]] = pairs[half + i];
    return row;
  });
}

/* The part of a polygon where ax + by <= c. */
function clipped(polygon, a, b, c) {
  const kept = [];
  for (let i = 0; i < polygon.length; i++) {
    const [x, y] = polygon[i], [u, v] = polygon[(i + 1) % polygon.length];
    const here = a * x + b * y - c, there = a * u + b * v - c;
    if (here <= 0) kept.push(polygon[i]);
    if (here < 0 !== there < 0 && here !== there) {
      const t = here / (here - there);
      if (t > 0 && t < 1) kept.push([x + t * (u - x), y + t * (v - y)]);
    }
  }
  return kept;
}

/* For each center the part of the plane, 1 wide and `height` high, to which it is the nearest;
   offsets are added to squared distances, and of equal centers the first has it all. */
function cells(centers, offsets, height) {
  const k = offsets.length, parts = [];
  const placed = [...offsets.keys()].filter(i => Number.isFinite(centers[2 * i] + offsets[i]));
  for (const i of placed) {
    const x = centers[2 * i], y = centers[2 * i + 1];
    let part = [[0, 0], [1, 0], [1, height], [0, height]];
    for (const j of placed) {
      if (i === j || !part.length) continue;
      const u = centers[2 * j], v = centers[2 * j + 1];
      const c = u * u + v * v + offsets[j] - x * x - y * y - offsets[i];
      if (u === x && v === y) part = c > 0 || (c === 0 && i < j) ? part : [];
      else part = clipped(part, 2 * (u - x), 2 * (v - y), c);
    }
    if (part.length) parts.push([i, part]);
  }
  return parts;
}

function outline(pen, corners, x, y, size) {
  corners.forEach(([u, v], i) => pen[i ? "lineTo" : "moveTo"](x + size * u, y + size * v));
  pen.closePath();
}

/* A point of a space as it is seen: to the right, up, toward the viewer. */
function turned(x, y, z, angle, tilt) {
  const right = Math.cos(angle) * x - Math.sin(angle) * y, away = Math.sin(angle) * x + Math.cos(angle) * y;
  return [right, Math.cos(tilt) * z + Math.sin(tilt) * away, Math.sin(tilt) * z - Math.cos(tilt) * away];
}

/* The edges of a space's box as they are seen: two corners, and of three the axis named along them. */
function edgesOf({ half, tilt }, angle) {
  const bits = [4, 2, 1], corners = [...Array(8).keys()];
  const seen = corners.map(i => turned(...bits.map((bit, axis) => (i & bit ? half[axis] : -half[axis])), angle, tilt));
  return bits.flatMap((bit, axis) => {
    const side = axis === 2 ? 0 : 1; // the upright axis is named on the left, the others at the bottom
    const edges = corners.filter(i => !(i & bit)).map(i => [seen[i], seen[i | bit]]);
    const height = edge => edge[0][side] + edge[1][side];
    const first = edges.reduce((best, edge) => (height(edge) < height(best) ? edge : best));
    return edges.map(ends => ({ ends, axis: ends === first ? axis : -1 }));
  });
}

const raised = power => String(power).replace(/./g, letter => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(letter)]);
const shown = text => text.replace("-", "−");

/* A number of four digits; powers of ten beyond a million and below 1e-4. */
function worded(value) {
  const [mantissa, power] = value.toExponential(3).split("e").map(Number);
  if (value && (power <= -5 || power >= 7)) return shown(`${mantissa.toFixed(3)} × 10${raised(power)}`);
  return shown(value ? value.toFixed(Math.max(0, 3 - power)) : "0");
}

/* A text cut to the room it has. */
function fitting(pen, text, room) {
  let kept = text;
  while (kept && pen.measureText(kept).width > room) kept = kept.slice(0, -2) + "…";
  return kept;
}

/* A text in lines of the room it has, broken between words. */
function broken(pen, text, room) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (!lines.at(-1) || pen.measureText(longer).width <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map(line => fitting(pen, line.replace(/ ·$/, ""), room));
}

/* A canvas in its own pixels, and the frame of axes in it. */
class Panel {
  constructor(canvas, x, y) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.axes = { x, y };
  }
  /* Pixels that the labels of its upright axis take. */
  room() {
    this.pen.font = `12px ${FONT}`;
    const widths = this.axes.y.ticks.map(tick => this.pen.measureText(tick[1]).width);
    return Math.ceil(Math.max(0, ...widths)) + 8 + (this.axes.y.name ? 18 : 4);
  }
  begin(style, left = this.room()) {
    const { clientWidth: width, clientHeight: height } = this.canvas, ratio = devicePixelRatio || 1;
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== size[0]) this.canvas.width = size[0];
    if (this.canvas.height !== size[1]) this.canvas.height = size[1];
    const pen = this.pen;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `12px ${FONT}`;
    pen.lineWidth = 1;
    const below = this.axes.x.name ? 38 : 22;
    this.box = { left, top: 7, right: width - 8, bottom: height - below, width: width - 8 - left, height: height - 7 - below };
    this.style = style;
    return this.box.width > 0 && this.box.height > 0;
  }
  frame() {
    const { pen, box, style, axes } = this;
    pen.strokeStyle = style.soft;
    pen.fillStyle = style.ink;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(box.left - .5, box.top);
    pen.lineTo(box.left - .5, box.bottom + .5);
    pen.lineTo(box.right, box.bottom + .5);
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (const [place, label] of axes.x.ticks) {
      const x = Math.round(box.left + place * box.width) - .5;
      pen.moveTo(x, box.bottom + .5);
      pen.lineTo(x, box.bottom + 4.5);
      pen.fillText(label, x, box.bottom + 7);
    }
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const [place, label] of axes.y.ticks) {
      const y = Math.round(box.bottom - place * box.height) + .5;
      pen.moveTo(box.left - .5, y);
      pen.lineTo(box.left - 4.5, y);
      pen.fillText(label, box.left - 7, y + 1);
    }
    pen.stroke();
    this.name(axes.x.name, box.left + box.width / 2, box.bottom + 23, 0, box.width + box.left - 12);
    this.name(axes.y.name, 2, box.top + box.height / 2, -Math.PI / 2, box.height + 30);
  }
  name(text, x, y, angle, room) {
    const pen = this.pen, kept = fitting(pen, text, room);
    pen.save();
    pen.translate(x, y);
    pen.rotate(angle);
    pen.textAlign = "center";
    pen.textBaseline = "top";
    pen.fillText(kept, 0, 0);
    pen.restore();
  }
}

/* A panel of one value a step: its axis from 0 to 1, lines across it, and how each value reads. */
class Series extends Panel {
  constructor(canvas, step, axis, limits, { heights, texts, lines }) {
    super(canvas, step, axis);
    Object.assign(this, { limits, heights, texts, lines });
  }
  draw(known, style, left) {
    if (!this.begin(style, left)) return;
    const { pen, box } = this, [first, last] = this.limits;
    this.across = step => box.left + (step - first) / (last - first) * box.width;
    this.up = height => box.bottom - height * box.height;
    this.frame();
    this.level(style);
    if (!known) return;
    pen.strokeStyle = pen.fillStyle = style.ink;
    pen.lineWidth = 1.6;
    pen.beginPath();
    let drawn = false;
    const heights = this.heights.slice(0, known);
    heights.forEach((height, i) => {
      if (height !== null) pen[drawn ? "lineTo" : "moveTo"](this.across(i + 1), this.up(height));
      drawn = height !== null;
    });
    pen.stroke();
    heights.forEach((height, i) => height !== null && this.dot(this.across(i + 1), this.up(height), 2));
    this.current(heights[known - 1], this.texts[known - 1], this.across(known), style);
  }
  level(style) {
    const { pen, box } = this;
    pen.strokeStyle = style.soft;
    pen.fillStyle = style.soft;
    pen.font = `11px ${FONT}`;
    pen.textAlign = "right";
    pen.textBaseline = "top";
    for (const [height, dashed, name] of this.lines) {
      const y = Math.round(this.up(height)) + .5;
      pen.setLineDash(dashed ? [5, 4] : []);
      pen.beginPath();
      pen.moveTo(box.left, y);
      pen.lineTo(box.right, y);
      pen.stroke();
      if (name) pen.fillText(name, box.right, y + 3);
    }
    pen.setLineDash([]);
  }
  current(height, text, x, style) {
    const { pen, box } = this, y = this.up(height === null ? .5 : height);
    pen.fillStyle = style.score;
    if (height !== null) this.dot(x, y, 4.5);
    pen.font = `bold 14px ${FONT}`;
    const half = pen.measureText(text).width / 2 + 2;
    const center = Math.max(box.left + half, Math.min(box.right - half, x));
    const line = y - box.top < 26 ? y + 17 : y - 17;
    pen.fillStyle = style.paper;
    pen.fillRect(center - half, line - 8, 2 * half, 16);
    pen.fillStyle = style.score;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(text, center, line + .5);
  }
  dot(x, y, radius) {
    this.pen.beginPath();
    this.pen.arc(x, y, radius, 0, 7);
    this.pen.fill();
  }
}

/* The silhouettes of a scene as a series. */
function scoresOf({ scores, unscored, limits: [, , low, high] }) {
  const height = score => (score - low) / (high - low);
  return {
    heights: scores.map(score => (score === null ? null : height(score))),
    texts: scores.map(score => (score === null ? unscored : shown(score.toFixed(2)))),
    lines: (low < 0 ? [0, .5, .75] : [.5, .75]).map(level => [height(level), level > 0]),
  };
}

/* The inertia of a scene as a series, and its axis, which it shares with the others of a film. */
function inertiaOf({ inertia = [], best }, scenes) {
  const isNumber = Number.isFinite, known = scenes.flatMap(scene => [...scene.inertia || [], scene.best]).filter(isNumber);
  let low = known.length ? Math.min(...known) : 0, high = known.length ? Math.max(...known) : 1;
  const byDecades = low > 0 && high > 20 * low, risen = value => (byDecades ? Math.log10(value) : value);
  [low, high] = [risen(low), risen(high)];
  const span = high - low || Math.abs(high) / 2 || 1;
  [low, high] = [low - .22 * span, high + .08 * span]; // below, a line has its name
  const marks = byDecades ? decades(10 ** low, 10 ** high) : rounded(Math.max(low, 0), high);
  const height = value => (isNumber(value) ? (risen(value) - low) / (high - low) : null);
  return {
    axis: { name: `inertia${marks.unit}`, ticks: marks.ticks.map(([value, label]) => [height(value), label]) },
    heights: inertia.map(height),
    texts: inertia.map(value => (isNumber(value) ? worded(value) : "")),
    lines: isNumber(best) ? [[height(best), true, "best known"]] : [],
  };
}

/* Round ticks of an axis; a power of ten that their labels leave out is its unit. */
function rounded(low, high) {
  const room = (high - low || Math.abs(high) || 1) / 4, unit = 10 ** Math.floor(Math.log10(room));
  const step = [1, 2, 5, 10].map(m => m * unit).find(size => size >= room * (1 - 1e-9)), ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) ticks.push(i * step);
  const most = Math.max(...ticks.map(Math.abs), 0), far = most >= 1e5 || (most && most <= 1e-3);
  const power = far ? Math.floor(Math.log10(most)) : 0;
  const digits = Math.max(0, power - Math.floor(Math.log10(step) + 1e-9));
  return { ticks: ticks.map(tick => [tick, shown((tick / 10 ** power).toFixed(digits))]), unit: power ? ` (× 10${raised(power)})` : "" };
}

/* Ticks of a logarithmic axis. */
function decades(low, high) {
  const first = Math.floor(Math.log10(low)), powers = [...Array(Math.ceil(Math.log10(high)) - first + 1).keys()].map(i => first + i);
  const among = shares => powers.flatMap(power => shares.map(share => [share, power])).filter(([share, power]) => share * 10 ** power >= low && share * 10 ** power <= high);
  const found = [[1, 2, 5], [1, 3], [1]].map(among).find((ticks, i) => ticks.length <= 4 || i === 2);
  const kept = found.filter((_, i) => i % Math.ceil(found.length / 4) === 0), plain = low > 1e-3 && high < 1e5;
  return { ticks: kept.map(([share, power]) => [share * 10 ** power, plain ? String(share * 10 ** power) : `${share > 1 ? `${share} × ` : ""}10${raised(power)}`]), unit: "" };
}
