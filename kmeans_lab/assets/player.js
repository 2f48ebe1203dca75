/* Plays the films of a page: each .kml-film holds its data, three canvases a start, and controls.
   A film made in the page is played by `new KMeansPlayer(root, film)`, and another one by its `load`.

   A film:
     interval  ms a frame; where `holds` is given, that of a first frame, an assign, an update, a last one
     markers   the shapes of clusters, one letter each, another one each time the colors repeat
     light, dark  each { colors, edges, tints, inks }; the last color and edge are those of no cluster
     scenes    one a start, on one clock
   A scene:
     k         number of clusters; numbers: k numbers from 0 that they go by, which choose the color
     points    two numbers a point, from 0 to 65535 across the picture and up; radius: of one, in px
     height    of the picture, in its widths
     centers   rows of k places, two numbers each, in widths of the picture from its lower left corner
     offsets   rows of k squared distances of the centers to the plane, in squared widths
     labels    rows of one number a point: 0 for no cluster, else the cluster from 1
     shots     one a frame: row of labels, row of centers, number of steps whose values are known
     captions  one a frame
     scores    silhouettes, one a step, null where there is none, which reads as `unscored`
     limits    of the panel of silhouettes: first and last step, lowest and highest score
     x, y, step, score  axes: { name, ticks: [[place from 0 to 1, label], …] }
   and, where they are known:
     inertia   one a step; best: the lowest known of any start
     card, verdict  what is written over the first and the last frame: a heading, lines below it
     fades     what is left of a trail after a step, and at least
     space     three features: { half, names, first, turn, tilt, left, bottom, width, far }. Points are
               then three numbers within the box of these half sides, centers are from its middle; it is
               seen from `tilt` above, turned by `first`, and by `turn` a frame, in radians; the picture
               begins at (left, bottom) and is `width` wide; `far` is what is left of the farthest color
   Arrays may be packed as film/player.py packs them: base64 of little-endian numbers, labels as the
   changes of each row. */
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
    for (const query of [dark, calm]) query.addEventListener("change", () => this.draw());
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
    }, this.hold() / Number(this.speed.value));
  }
  hold() { // milliseconds that the current frame is shown while playing
    const { interval, holds: [first, assign, update] = [interval, interval, interval] } = this.data;
    return this.frame === 1 ? first : this.frame % 2 ? update : assign;
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
    for (const name of ["paper", "ink", "soft", "line", "score"]) style[name] = colors.getPropertyValue(`--kml-${name}`);
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
