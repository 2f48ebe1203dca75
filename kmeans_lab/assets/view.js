/* How wide a text over a picture may be, a part of it, and whether it has its lines: tried in this order. */
const BANNERS = [[1, true], [.55, true], [.4, true], [.33, true], [1, false], [.55, false], [.4, false]];

/* One start: its plane or space, its silhouettes and inertia, its caption. */
class View {
  constructor(root, scene, film) {
    const [plane, scores, inertia] = root.querySelectorAll("canvas");
    this.caption = root.querySelector(".kml-caption");
    this.scene = scene;
    this.film = film;
    this.size = scene.space ? 3 : 2; // numbers of a place
    this.plane = new Panel(plane, scene.x, scene.y);
    const known = inertiaOf(scene, film.data.scenes), step = inertia ? { ...scene.step, name: "" } : scene.step;
    this.series = [new Series(scores, step, scene.score, scene.limits, scoresOf(scene))];
    if (inertia) this.series.push(new Series(inertia, scene.step, known.axis, scene.limits, known));
    this.points = numbers(scene.points, Uint16Array);
    this.rows = rowsOf(scene.labels, this.points.length / this.size);
    this.centers = numbers(scene.centers, Float32Array);
    this.offsets = numbers(scene.offsets, Float32Array);
    this.known = new Map();
    this.observer = new ResizeObserver(() => film.draw());
    for (const canvas of [plane, scores, inertia]) if (canvas) this.observer.observe(canvas);
  }
  draw(frame, style) {
    const i = Math.min(frame, this.scene.shots.length - 1), known = this.scene.shots[i][2];
    if (this.caption.textContent !== this.scene.captions[i]) this.caption.textContent = this.scene.captions[i];
    if (this.plane.begin(style)) this.drawPlane(i, frame, style);
    const left = Math.max(...this.series.map(series => series.room()));
    for (const series of this.series) series.draw(known, style, left);
  }

  /* --- where things are, in widths of the picture, and how near from 0 to 1 --- */
  seen(x, y, z) {
    const { left, bottom, width, tilt, half } = this.scene.space, [right, up, near] = turned(x, y, z, this.angle, tilt);
    return [(right - left) / width, (up - bottom) / width, near / Math.hypot(...half) / 2 + .5];
  }
  point(i) {
    const { points, scene: { space, height } } = this;
    if (!space) return [points[2 * i] / 65535, points[2 * i + 1] / 65535 * height, 1];
    return this.seen(...space.half.map((half, axis) => (points[3 * i + axis] / 32767.5 - 1) * half));
  }
  center(row, c) {
    const from = this.size * (this.scene.k * row + c), place = this.centers.subarray(from, from + this.size);
    return this.scene.space ? this.seen(...place) : place;
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
  moved(i) { // the points that change sides in frame i: none of them was without a side before
    const now = this.rows[this.scene.shots[i][0]], before = this.rows[this.scene.shots[Math.max(i - 1, 0)][0]];
    const found = [];
    if (now !== before) now.forEach((label, j) => before[j] && before[j] !== label && found.push(j));
    return found;
  }

  /* --- the picture, from back to front --- */
  drawPlane(i, frame, style) {
    const { plane: { pen, box }, scene } = this, [row, place] = scene.shots[i], scale = Math.max(.75, Math.min(1.25, box.width / 600));
    const across = x => box.left + x * box.width, up = y => box.bottom - y * box.height / scene.height;
    this.across = across;
    this.up = up;
    this.named = [];
    this.angle = scene.space ? scene.space.first + (calm.matches ? 0 : frame * scene.space.turn) : 0;
    pen.save();
    pen.beginPath();
    pen.rect(box.left, box.top, box.width, box.height);
    if (!scene.space) pen.clip(); // the names of a space stand outside it
    if (scene.space) this.drawBox(style);
    else this.drawGround(place, style);
    this.drawPoints(this.rows[row], scale, style);
    this.drawRings(i, scale, style);
    this.drawTrails(place, scale, style);
    this.drawCenters(place, scale, style);
    const lines = i === scene.shots.length - 1 && scene.verdict?.length ? scene.verdict : i ? [] : scene.card;
    if (lines?.length) this.drawBanner(lines, place, style);
    pen.restore();
    if (!scene.space) this.plane.frame();
  }
  drawGround(place, style) {
    const { plane: { pen }, scene, across, up } = this, size = style.colors.length - 1;
    for (const [i, part] of this.cells(place)) {
      pen.fillStyle = pen.strokeStyle = style.tints[scene.numbers[i] % size];
      pen.beginPath();
      part.forEach(([x, y], j) => pen[j ? "lineTo" : "moveTo"](across(x), up(y)));
      pen.closePath();
      pen.fill();
      pen.stroke(); // closes the hairlines between neighbors
    }
    if (scene.k <= size) return;
    pen.strokeStyle = style.paper; // neighbors may share a color
    pen.lineWidth = 1.2;
    pen.beginPath();
    for (const [, part] of this.cells(place)) {
      part.forEach(([x, y], j) => pen[j ? "lineTo" : "moveTo"](across(x), up(y)));
      pen.closePath();
    }
    pen.stroke();
  }
  drawBox(style) {
    const { plane: { pen, box }, scene: { space }, across, up } = this;
    pen.font = `12px ${FONT}`;
    pen.lineWidth = 1.2;
    for (const { ends, axis } of edgesOf(space, this.angle)) {
      const [[x, y], [u, v]] = ends.map(([right, high]) => [across((right - space.left) / space.width), up((high - space.bottom) / space.width)]);
      pen.strokeStyle = axis < 0 ? style.line : style.soft;
      pen.beginPath();
      pen.moveTo(x, y);
      pen.lineTo(u, v);
      pen.stroke();
      if (axis < 0) continue;
      const middle = (x + u) / 2 - (box.left + box.right) / 2, side = Math.abs(middle) < box.width / 20 ? 0 : Math.sign(middle);
      if (axis === 2) this.nameAxis(space.names[axis], (x + u) / 2 - 38, (y + v) / 2, -Math.PI / 2, "center", Math.abs(y - v) + 60, style);
      else this.nameAxis(space.names[axis], (x + u) / 2 + 5 * side, (y + v) / 2 + 8, 0, ["right", "center", "left"][side + 1], box.width / 2 - Math.abs(middle) * Math.abs(side), style);
    }
  }
  nameAxis(name, x, y, angle, align, room, style) {
    const { pen } = this.plane, lines = name.split("\n").map(line => fitting(pen, line, room));
    const wide = Math.max(...lines.map(line => pen.measureText(line).width)), high = 15 * lines.length;
    const begin = { right: -wide, center: -wide / 2, left: 0 }[align];
    for (let j = 0; j <= 12; j++) for (let i = 0; i <= 3; i++) { // places on it, for what is not to hide it
      const along = begin + wide * j / 12, below = high * i / 3;
      this.named.push(angle ? [x + below, y - along] : [x + along, y + below]);
    }
    pen.save();
    pen.translate(x, y);
    pen.rotate(angle);
    pen.textAlign = align;
    pen.textBaseline = "top";
    pen.fillStyle = style.ink;
    lines.forEach((line, j) => pen.fillText(line, 0, 15 * j));
    pen.restore();
  }
  drawPoints(labels, scale, style) {
    const { plane: { pen }, scene, film: { data: { markers } } } = this;
    const size = style.colors.length - 1, looks = size * markers.length;
    const places = Array.from(labels, (_, i) => this.point(i));
    pen.lineWidth = Math.min(1, scene.radius / 4);
    for (const i of this.order(labels, places, looks)) {
      const look = labels[i] ? scene.numbers[labels[i] - 1] % looks : size;
      const color = labels[i] ? look % size : size, shape = labels[i] ? markers[Math.floor(look / size)] : "o";
      const [x, y, near] = places[i], strong = scene.space ? scene.space.far + (1 - scene.space.far) * near : 1;
      const radius = scene.radius * scale * (scene.space ? .8 + .4 * near : 1);
      pen.beginPath();
      if (shape === "o") pen.arc(this.across(x), this.up(y), radius, 0, 7);
      else outline(pen, SHAPES[shape], this.across(x), this.up(y), radius);
      if (strong < 1) { // a far point pales, and still hides those behind it
        pen.fillStyle = style.paper;
        pen.fill();
        pen.globalAlpha = strong;
      }
      pen.fillStyle = style.colors[color];
      pen.strokeStyle = style.edges[color];
      pen.fill();
      pen.stroke();
      pen.globalAlpha = 1;
    }
  }
  order(labels, places, looks) { // near points last, in a plane those of one look together
    if (this.scene.space) return [...places.keys()].sort((i, j) => places[i][2] - places[j][2]);
    const groups = Array.from({ length: looks + 1 }, () => []);
    labels.forEach((label, i) => groups[label ? this.scene.numbers[label - 1] % looks : looks].push(i));
    return groups.flat();
  }
  drawRings(i, scale, style) {
    const { plane: { pen }, scene } = this, width = Math.min(1.6, .55 * scene.radius);
    const places = this.moved(i).map(j => this.point(j)), radius = 2.1 * scene.radius * scale;
    for (const [color, times] of [[style.paper, 2.2], [style.ink, 1]]) {
      pen.strokeStyle = color;
      pen.lineWidth = width * times;
      for (const [x, y] of places) {
        pen.beginPath();
        pen.arc(this.across(x), this.up(y), radius, 0, 7);
        pen.stroke();
      }
    }
  }
  drawTrails(place, scale, style) {
    const { plane: { pen }, scene, across, up } = this, size = style.colors.length - 1, [fade, least] = scene.fades || [.85, .25];
    const pieces = [];
    for (let row = 1; row <= place; row++) {
      for (let c = 0; c < scene.k; c++) {
        const [x, y] = this.center(row - 1, c), [u, v] = this.center(row, c);
        if (Number.isFinite(x + y + u + v) && (x !== u || y !== v)) pieces.push([x, y, u, v, Math.max(fade ** (place - row), least), style.edges[scene.numbers[c] % size]]);
      }
    }
    pen.lineCap = "round";
    for (const [width, paper] of [[4.6, style.paper], [2.3, ""]]) {
      pen.lineWidth = width * scale;
      for (const [x, y, u, v, strong, ink] of pieces) {
        pen.globalAlpha = strong;
        pen.strokeStyle = paper || ink;
        pen.beginPath();
        pen.moveTo(across(x), up(y));
        pen.lineTo(across(u), up(v));
        pen.stroke();
      }
    }
    pen.globalAlpha = 1;
    pen.lineCap = "butt";
  }
  drawCenters(place, scale, style) {
    const { plane: { pen }, scene } = this, { k } = scene, size = style.colors.length - 1;
    const numbered = k > size, reach = numbered ? Math.max(7, Math.min(13, 15 - k / 40)) : 9;
    pen.font = `bold ${Math.round(reach * .95)}px ${FONT}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (let i = 0; i < k; i++) {
      const [u, v] = this.center(place, i), x = this.across(u), y = this.up(v);
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
  drawBanner(lines, place, style) {
    const { plane: { pen } } = this, { rows, left, top, width, height } = this.banner(lines, place);
    pen.globalAlpha = .8; // points under it are still seen
    pen.fillStyle = style.paper;
    pen.fillRect(left, top, width, height);
    pen.globalAlpha = 1;
    pen.strokeStyle = style.line;
    pen.lineWidth = 1;
    pen.strokeRect(left + .5, top + .5, width - 1, height - 1);
    pen.fillStyle = style.ink;
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    let y = top + .35 * rows.em;
    for (const { text, font, high } of rows) {
      pen.font = font;
      pen.fillText(text, left + 11, y + high / 2);
      y += high;
    }
  }
  banner(lines, place) { // the first form that hides nothing, else what hides least; kept while a space turns
    const { box } = this.plane, key = [box.width, box.height, ...lines].join("\n");
    if (this.placed?.key === key) return this.placed;
    let best = { hidden: Infinity };
    for (const [part, whole] of BANNERS) {
      for (const found of this.corners(this.written(whole ? lines : lines.slice(0, 1), part), place))
        if (found.hidden < best.hidden) best = found;
      if (!best.hidden) break;
    }
    return this.placed = { key, ...best };
  }
  written(lines, part) { // a heading and lines below it, as wide as a part of the picture
    const { plane: { pen, box } } = this, scale = Math.max(.82, Math.min(1, box.width / 400));
    const fonts = [`bold ${Math.round(17 * scale)}px ${FONT}`, `${Math.round(13 * scale)}px ${FONT}`], em = 20 * scale;
    const rows = lines.flatMap((line, j) => {
      pen.font = fonts[Math.min(j, 1)];
      return broken(pen, line, part * box.width - 26).map(text => ({ text, font: pen.font, width: pen.measureText(text).width, high: j ? em : 1.2 * em }));
    });
    return Object.assign(rows, { em });
  }
  corners(rows, place) { // where a text may stand, and what it would hide there; a center is worse to hide than a point
    const { box } = this.plane, width = Math.max(...rows.map(row => row.width)) + 22;
    const height = rows.reduce((sum, row) => sum + row.high, .7 * rows.em);
    const found = [box.top, box.bottom - height].flatMap(top => [box.left, box.right - width].map(left => ({ rows, left, top, width, height, hidden: 0 })));
    const count = (x, y, weight) => found.forEach(each => {
      if (x >= each.left && x <= each.left + width && y >= each.top && y <= each.top + height) each.hidden += weight;
    });
    for (let i = 0; i < this.points.length / this.size; i++) {
      const [x, y] = this.point(i);
      count(this.across(x), this.up(y), 1);
    }
    for (let c = 0; c < this.scene.k; c++) {
      const [x, y] = this.center(place, c);
      count(this.across(x), this.up(y), 5);
    }
    for (const [x, y] of this.named) count(x, y, 5);
    return found;
  }
}
