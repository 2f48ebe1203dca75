/* Plays the films of a page: each .kml-film holds its data, one canvas pair a start, and controls.
   A film made in the page is played by `new KMeansPlayer(root, film)`, and another one by its `load`. */
(() => {
  "use strict";
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
  const dark = matchMedia("(prefers-color-scheme: dark)");

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

  /* A canvas in its own pixels, and the frame of axes in it. */
  class Panel {
    constructor(canvas, x, y) {
      this.canvas = canvas;
      this.pen = canvas.getContext("2d");
      this.axes = { x, y };
    }
    begin(style) {
      const { clientWidth: width, clientHeight: height } = this.canvas, ratio = devicePixelRatio || 1;
      const size = [Math.round(width * ratio), Math.round(height * ratio)];
      if (this.canvas.width !== size[0]) this.canvas.width = size[0];
      if (this.canvas.height !== size[1]) this.canvas.height = size[1];
      const pen = this.pen;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
      pen.font = `12px ${FONT}`;
      pen.lineWidth = 1;
      const room = Math.max(0, ...this.axes.y.ticks.map(tick => pen.measureText(tick[1]).width));
      const left = Math.ceil(room) + 8 + (this.axes.y.name ? 18 : 4);
      this.box = { left, top: 7, right: width - 8, bottom: height - 38, width: width - 8 - left, height: height - 45 };
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
      const pen = this.pen;
      let shown = text;
      while (shown && pen.measureText(shown).width > room) shown = shown.slice(0, -2) + "…";
      pen.save();
      pen.translate(x, y);
      pen.rotate(angle);
      pen.textAlign = "center";
      pen.textBaseline = "top";
      pen.fillText(shown, 0, 0);
      pen.restore();
    }
  }

  /* One start: its plane, its silhouettes, its caption. */
  class View {
    constructor(root, scene, film) {
      const [plane, scores] = root.querySelectorAll("canvas");
      this.caption = root.querySelector(".kml-caption");
      this.scene = scene;
      this.film = film;
      this.plane = new Panel(plane, scene.x, scene.y);
      this.scores = new Panel(scores, scene.step, scene.score);
      this.points = numbers(scene.points, Uint16Array);
      this.rows = rowsOf(scene.labels, this.points.length / 2);
      this.centers = numbers(scene.centers, Float32Array);
      this.offsets = numbers(scene.offsets, Float32Array);
      this.known = new Map();
      this.observer = new ResizeObserver(() => film.draw());
      for (const panel of [plane, scores]) this.observer.observe(panel);
    }
    draw(i, style) {
      i = Math.min(i, this.scene.shots.length - 1);
      const [row, place, known] = this.scene.shots[i];
      if (this.caption.textContent !== this.scene.captions[i]) this.caption.textContent = this.scene.captions[i];
      if (this.plane.begin(style)) this.drawPlane(this.rows[row], place, style);
      if (this.scores.begin(style)) this.drawScores(known, style);
    }
    cells(place) {
      const k = this.scene.k;
      if (!this.known.has(place)) {
        if (this.known.size > 40) this.known.clear();
        const centers = this.centers.subarray(2 * k * place, 2 * k * (place + 1));
        this.known.set(place, cells(centers, this.offsets.subarray(k * place, k * (place + 1)), this.scene.height));
      }
      return this.known.get(place);
    }
    drawPlane(labels, place, style) {
      const { plane: { pen, box }, scene } = this, size = style.colors.length - 1;
      pen.save();
      pen.beginPath();
      pen.rect(box.left, box.top, box.width, box.height);
      pen.clip();
      const across = x => box.left + x * box.width, up = y => box.bottom - y * box.height / scene.height;
      for (const [i, part] of this.cells(place)) {
        pen.fillStyle = pen.strokeStyle = style.tints[scene.numbers[i] % size];
        pen.beginPath();
        part.forEach(([x, y], j) => pen[j ? "lineTo" : "moveTo"](across(x), up(y)));
        pen.closePath();
        pen.fill();
        pen.stroke(); // closes the hairlines between neighbors
      }
      if (scene.k > size) this.drawBorders(place, style, across, up); // neighbors may share a color
      const scale = Math.max(.75, Math.min(1.25, box.width / 600));
      this.drawPoints(labels, scale, style);
      this.drawCenters(place, scale, style, across, up);
      pen.restore();
      this.plane.frame();
    }
    drawBorders(place, style, across, up) {
      const pen = this.plane.pen;
      pen.strokeStyle = style.paper;
      pen.lineWidth = 1.2;
      pen.beginPath();
      for (const [, part] of this.cells(place)) {
        part.forEach(([x, y], j) => pen[j ? "lineTo" : "moveTo"](across(x), up(y)));
        pen.closePath();
      }
      pen.stroke();
    }
    drawPoints(labels, scale, style) {
      const { plane: { pen, box }, scene, film: { data: { markers } }, points } = this;
      const size = style.colors.length - 1, looks = size * markers.length, groups = new Map();
      labels.forEach((label, i) => {
        const look = label ? scene.numbers[label - 1] % looks : -1;
        if (!groups.has(look)) groups.set(look, []);
        groups.get(look).push(i);
      });
      pen.lineWidth = Math.min(1, scene.radius / 4);
      for (const [look, members] of groups) {
        const color = look < 0 ? size : look % size, shape = look < 0 ? "o" : markers[Math.floor(look / size)];
        pen.fillStyle = style.colors[color];
        pen.strokeStyle = style.edges[color];
        for (const i of members) {
          const x = box.left + points[2 * i] / 65535 * box.width, y = box.bottom - points[2 * i + 1] / 65535 * box.height;
          pen.beginPath();
          if (shape === "o") pen.arc(x, y, scene.radius * scale, 0, 7);
          else outline(pen, SHAPES[shape], x, y, scene.radius * scale);
          pen.fill();
          pen.stroke();
        }
      }
    }
    drawCenters(place, scale, style, across, up) {
      const { plane: { pen }, scene, centers } = this, { k } = scene, size = style.colors.length - 1;
      const numbered = k > size, reach = numbered ? Math.max(7, Math.min(13, 15 - k / 40)) : 9;
      pen.font = `bold ${Math.round(reach * .95)}px ${FONT}`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      for (let i = 0; i < k; i++) {
        const x = across(centers[2 * (k * place + i)]), y = up(centers[2 * (k * place + i) + 1]);
        if (!Number.isFinite(x + y)) continue;
        pen.beginPath();
        outline(pen, SHAPES.D, x, y, reach * scale);
        pen.strokeStyle = "#fff";
        pen.lineWidth = 4.5;
        pen.stroke();
        pen.strokeStyle = "#000";
        pen.lineWidth = 1.8;
        pen.stroke();
        pen.fillStyle = style.colors[scene.numbers[i] % size];
        pen.fill();
        if (!numbered) continue;
        pen.fillStyle = style.inks[scene.numbers[i] % size];
        pen.fillText(scene.numbers[i] + 1, x, y + .5);
      }
    }
    drawScores(known, style) {
      const { scores: { pen, box }, scene } = this, [first, last, low, high] = scene.limits;
      const across = step => box.left + (step - first) / (last - first) * box.width;
      const up = score => box.bottom - (score - low) / (high - low) * box.height;
      this.scores.frame();
      pen.strokeStyle = style.soft;
      for (const level of low < 0 ? [0, .5, .75] : [.5, .75]) {
        pen.setLineDash(level ? [5, 4] : []);
        pen.beginPath();
        pen.moveTo(box.left, Math.round(up(level)) + .5);
        pen.lineTo(box.right, Math.round(up(level)) + .5);
        pen.stroke();
      }
      pen.setLineDash([]);
      if (!known) return;
      pen.strokeStyle = pen.fillStyle = style.ink;
      pen.lineWidth = 1.6;
      pen.beginPath();
      let drawn = false;
      scene.scores.slice(0, known).forEach((score, i) => {
        if (score !== null) pen[drawn ? "lineTo" : "moveTo"](across(i + 1), up(score));
        drawn = score !== null;
      });
      pen.stroke();
      scene.scores.slice(0, known).forEach((score, i) => score !== null && this.dot(across(i + 1), up(score), 2));
      this.drawCurrent(scene.scores[known - 1], across(known), up, (low + high) / 2, style);
    }
    drawCurrent(score, x, up, middle, style) {
      const { scores: { pen, box }, scene } = this, y = up(score === null ? middle : score);
      pen.fillStyle = style.score;
      if (score !== null) this.dot(x, y, 4.5);
      const text = score === null ? scene.unscored : score.toFixed(2).replace("-", "−");
      pen.font = `bold 14px ${FONT}`;
      const half = pen.measureText(text).width / 2 + 2;
      const center = Math.max(box.left + half, Math.min(box.right - half, x));
      const below = y - box.top < 26, line = below ? y + 17 : y - 17;
      pen.fillStyle = style.paper;
      pen.fillRect(center - half, line - 8, 2 * half, 16);
      pen.fillStyle = style.score;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText(text, center, line + .5);
    }
    dot(x, y, radius) {
      this.scores.pen.beginPath();
      this.scores.pen.arc(x, y, radius, 0, 7);
      this.scores.pen.fill();
    }
  }

  /* A player: one clock for all its starts. A frame is never passed over. */
  class Film {
    constructor(root, data = JSON.parse(root.querySelector("script").textContent)) {
      this.root = root;
      this.slider = root.querySelector("input");
      this.counter = root.querySelector("output");
      this.speed = root.querySelector("select");
      this.button = root.querySelector("[data-act=play]");
      const go = { first: () => this.go(1), back: () => this.go(this.frame - 1), play: () => this.toggle(), forward: () => this.go(this.frame + 1), last: () => this.go(this.frames) };
      for (const button of root.querySelectorAll("[data-act]")) button.addEventListener("click", go[button.dataset.act]);
      this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
      this.speed.addEventListener("change", () => this.timer && this.wait());
      root.addEventListener("keydown", event => this.key(event));
      dark.addEventListener("change", () => this.draw());
      this.load(data);
    }
    /* Take another film, of as many starts, at its first frame. */
    load(data) {
      for (const view of this.views || []) view.observer.disconnect();
      this.data = data;
      this.frames = Math.max(...data.scenes.map(scene => scene.shots.length));
      this.root.dataset.frames = this.slider.max = this.frames;
      const places = this.root.querySelectorAll(".kml-view");
      this.views = data.scenes.map((scene, i) => new View(places[i], scene, this));
      this.go(1); // browsers keep the slider's place in a page that is loaded again
    }
    key(event) {
      const own = event.target.tagName, { key } = event;
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || own === "SELECT") return;
      if (key === " " && own !== "BUTTON") this.toggle();
      else if (key === "ArrowLeft" || key === "ArrowDown") this.go(this.frame - 1);
      else if (key === "ArrowRight" || key === "ArrowUp") this.go(this.frame + 1);
      else if (key === "Home") this.go(1);
      else if (key === "End") this.go(this.frames);
      else return;
      event.preventDefault();
    }
    go(frame) {
      this.pause();
      this.show(frame);
    }
    show(frame) {
      this.frame = Math.max(1, Math.min(this.frames, frame));
      this.root.dataset.frame = this.frame;
      this.slider.value = this.frame;
      this.counter.value = `${this.frame} / ${this.frames}`;
      this.draw();
    }
    toggle() {
      if (this.timer) return this.pause();
      if (this.frame === this.frames) this.show(1);
      this.live("off"); // a caption a second is too much to listen to
      this.mark("Pause", "M6 4h4v16H6zM14 4h4v16h-4z");
      this.wait();
    }
    wait() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        this.show(this.frame + 1);
        this.frame < this.frames ? this.wait() : this.pause();
      }, this.data.interval / Number(this.speed.value));
    }
    pause() {
      clearTimeout(this.timer);
      this.timer = 0;
      this.live("polite");
      this.mark("Play", "M7 4v16l13-8z");
    }
    live(manner) {
      for (const view of this.views) view.caption.setAttribute("aria-live", manner);
    }
    mark(label, path) {
      if (this.button.title === label) return;
      this.button.title = label;
      this.button.setAttribute("aria-label", label);
      this.button.querySelector("path").setAttribute("d", path);
    }
    draw() {
      const colors = getComputedStyle(this.root);
      const style = { ...this.data[dark.matches && !matchMedia("print").matches ? "dark" : "light"] };
      for (const name of ["paper", "ink", "soft", "score"]) style[name] = colors.getPropertyValue(`--kml-${name}`);
      for (const view of this.views) view.draw(this.frame - 1, style);
    }
  }

  window.KMeansPlayer = Film;

  function start() {
    for (const root of document.querySelectorAll(".kml-film:not([data-ready])")) {
      root.dataset.ready = "";
      root.player = new Film(root);
    }
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
