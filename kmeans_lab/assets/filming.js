/* The film of a start computed in the page, as the player takes it: what it shows of a recorded one. */
(() => {
  "use strict";
  const ENDED = {
    max_iter: "cut off here by max_iter, not converged",
    tol: "stopped here by tol: the centers hardly moved",
    cycle: "stopped here, back at the labels of an earlier step: a cycle",
    empty_cluster: "stopped here, a cluster is empty",
  };
  const ENDINGS = { max_iter: "Cut off after", tol: "Stopped by tol after", cycle: "Stopped in a cycle after", empty_cluster: "Stopped by an empty cluster after" };
  const FAR = 1e6; // widths of the picture beyond which a center stays
  const TURN = Math.PI / 36; // of a space from one frame to the next; at most a whole turn in a film
  const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

  /* Its frames, half-step by half-step: [phase, row of labels or -1, row of centers, steps known, caption]. */
  function framesOf({ steps, status, k, init }) {
    const frames = [["init", -1, 0, 0, `Start: ${counted(k, "center")} placed (${init})`]];
    steps.forEach(({ moved }, t) => {
      const what = t === 0 ? "each point joins its nearest center" : `${moved ? counted(moved, "point") : "no point"} changed cluster`;
      frames.push(["assign", t, t, t + 1, `Step ${t + 1} · assign: ${what}`]);
      frames.push(["update", t, t + 1, t + 1, `Step ${t + 1} · update: each center moves to its points' mean`]);
    });
    if (status === "empty_cluster") frames.pop();
    const last = frames.at(-1);
    if (status in ENDED) last[4] = last[4].replace(/: .*/, `: ${ENDED[status]}`);
    else frames.push(["converged", last[1], last[2], last[3], `Converged after ${counted(steps.length, "step")}: no point changed cluster`]);
    return frames;
  }

  /* The number each cluster goes by: that of the cluster of `wanted` with which it shares most points. */
  function matched(labels, wanted, k) {
    const shared = new Map();
    labels.forEach((label, i) => shared.set(label * k + wanted[i], (shared.get(label * k + wanted[i]) || 0) + 1));
    const numbers = new Array(k).fill(-1), taken = new Set();
    for (const [pair] of [...shared].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
      const mine = Math.floor(pair / k), other = pair % k;
      if (numbers[mine] >= 0 || taken.has(other)) continue;
      numbers[mine] = other;
      taken.add(other);
    }
    const left = [...numbers.keys()].filter(number => !taken.has(number));
    return numbers.map(number => (number < 0 ? left.shift() : number));
  }

  /* Places of centers in the plane, in widths of the picture, and their squared distances to it. */
  function projected(centers, d, { mean, directions, corner, width, middle, unit }) {
    const k = centers.length / d;
    if (unit) { // in space, from the middle of its box
      const placed = Float32Array.from(centers, (value, i) => Math.max(-FAR, Math.min(FAR, (value - middle[i % 3]) / unit[i % 3])));
      return { places: placed, offsets: new Float32Array(k) };
    }
    const places = new Float32Array(2 * k), offsets = new Float32Array(k);
    let away = new Float64Array(k);
    for (let c = 0; c < k; c++) {
      const from = mean.map((middle, j) => centers[c * d + j] - middle);
      const place = [0, 1].map(axis => from.reduce((sum, value, j) => sum + value * directions[j][axis], 0));
      from.forEach((value, j) => { away[c] += (value - place[0] * directions[j][0] - place[1] * directions[j][1]) ** 2; });
      place.forEach((value, axis) => { places[2 * c + axis] = Math.max(-FAR, Math.min(FAR, (value - corner[axis]) / width)); });
    }
    const least = Math.min(...away); // only differences count, and float32 keeps those
    for (let c = 0; c < k; c++) offsets[c] = Math.min(FAR, (away[c] - least) / width / width);
    return { places, offsets };
  }

  function joined(arrays, Type) {
    const all = new Type(arrays.reduce((sum, array) => sum + array.length, 0));
    let at = 0;
    for (const array of arrays) {
      all.set(array, at);
      at += array.length;
    }
    return all;
  }

  /* Round ticks of an axis of steps. */
  function stepTicks(last) {
    const room = Math.max(1, (last - 1) / 5), unit = 10 ** Math.floor(Math.log10(room));
    const every = [1, 2, 5, 10].map(m => m * unit).find(step => step >= room);
    const ticks = [];
    for (let step = every; step <= last; step += every) ticks.push(step);
    return every === 1 ? ticks : [1, ...ticks];
  }

  function axesOf(scores, steps) {
    const known = scores.filter(score => score !== null);
    let low = Math.min(0, ...known), high = Math.min(1.05, Math.max(.8, ...known) + .06);
    if (low < 0) low -= .06;
    const last = Math.max(1, steps), place = (value, from, to) => (value - from) / (to - from);
    const levels = (high - low < 1.3 ? [-4, -3, -2, -1, 0, 1, 2, 3, 4] : [-4, -2, 0, 2, 3, 4]).map(i => i / 4);
    const shown = levels.filter(level => level >= low && level <= high);
    return {
      limits: [.5, last + .5, low, high],
      step: { name: "step", ticks: stepTicks(last).map(step => [place(step, .5, last + .5), String(step)]) },
      score: { name: "silhouette", ticks: shown.map(level => [place(level, low, high), level.toFixed(2).replace("-", "−")]) },
    };
  }

  /* What is written over its first frame and over its last one. */
  function titlesOf([heading, ...size], { init, seed, status, inertia, best, steps }) {
    const { gapOf, percent, said } = window.KMeansLab, card = [heading, `${init} · seed ${seed}`, ...size];
    const made = counted(steps.length, "step"), ended = status in ENDINGS ? `${ENDINGS[status]} ${made}` : `Converged in ${made}`;
    if (inertia === undefined) return { card, verdict: [ended] };
    const gap = gapOf(inertia, best), told = `inertia ${said(inertia, 4)}`;
    if (gap === null) return { card, verdict: [ended, told] };
    const where = gap === 0 ? "the best known" : `${percent(gap)} above the best known`;
    if (status in ENDINGS) return { card, verdict: [ended, `${told} · ${where}`] };
    return { card, verdict: [`${gap === 0 ? "Found" : "Ended"} ${where}`, `${told} · ${made}`] };
  }

  /* A start, all of its steps made, in the place of the start that a player shows.
     blank: the player's film. start: k, d, init, seed, steps, status, centers, inertia, best; view: see the plane in the
     page's data; wanted: labels that colors follow; about: best, card, verdict and whether silhouettes
     were computed, as scored. */
  function filmOf(blank, start, view, wanted, { best, card, verdict, scored }) {
    const { steps, k, d } = start, [scene] = blank.scenes;
    const rows = start.centers ? [...steps.map(step => step.centers), start.centers] : steps.map(step => step.centers);
    const planes = rows.map(centers => projected(centers, d, view));
    const seen = steps.map(({ labels }) => Uint16Array.from({ length: Math.ceil(labels.length / view.stride) }, (_, i) => labels[i * view.stride] + 1));
    const scores = steps.map(step => step.silhouette), frames = framesOf(start);
    const filled = {
      ...scene,
      ...axesOf(scores, steps.length),
      k,
      numbers: matched(start.labels || steps.at(-1).labels, wanted, k),
      centers: joined(planes.map(plane => plane.places), Float32Array),
      offsets: joined(planes.map(plane => plane.offsets), Float32Array),
      labels: [new Uint16Array(Math.ceil(wanted.length / view.stride)), ...seen],
      shots: frames.map(([, labels, centers, known]) => [labels + 1, centers, known]),
      captions: frames.map(frame => frame[4]),
      ...titlesOf(scene.card, start),
      inertia: steps.map(step => step.inertia),
      best: start.best,
      scores,
      inertia: steps.map(step => step.inertia),
      best,
      card,
      verdict,
      space: scene.space && { ...scene.space, turn: Math.min(TURN, 2 * Math.PI / frames.length) },
      unscored: scored ? "undefined" : "not computed",
    };
    return { ...blank, scenes: [filled] };
  }

  Object.assign(window.KMeansLab, { filmOf, framesOf, matched });
})();
