/* The lab's k-means, the same to the bit: Lloyd's iteration, its empty-cluster rules and its stops.
   JavaScript's numbers are float64 and its engines fuse nothing, so left to right means it here too.
   X is (n, d) and centers are (k, d), both flat, by row. */
(() => {
  "use strict";
  const SCORED = 2000; // points up to which silhouettes are computed

  /* The sum rounded once, in any order: as parts that do not overlap (Shewchuk, Adaptive precision
     floating-point arithmetic, 1997), their total rounded to the nearest, half to even. */
  function fsum(values) {
    const parts = [];
    for (const value of values) {
      let x = value, kept = 0;
      for (let i = 0; i < parts.length; i++) {
        const y = parts[i], high = x + y;
        const low = Math.abs(x) < Math.abs(y) ? x - (high - y) : y - (high - x);
        if (low !== 0) parts[kept++] = low;
        x = high;
      }
      parts.length = kept;
      if (x !== 0) parts.push(x);
    }
    return rounded(parts);
  }

  function rounded(parts) {
    let total = parts.pop() ?? 0, rest = 0;
    while (parts.length && rest === 0) {
      const part = parts.pop(), high = total + part;
      rest = part - (high - total);
      total = high;
    }
    // Exactly between two numbers it went to the even one; what is left may decide otherwise.
    if (parts.length && rest * parts.at(-1) > 0) {
      const further = total + 2 * rest;
      if (further - total === 2 * rest) return further;
    }
    return total;
  }

  /* Nearest centers, the lowest index on a tie, and the squared distances to them. */
  function assign(X, d, centers) {
    const n = X.length / d, k = centers.length / d;
    const labels = new Uint16Array(n), distances = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let best = Infinity, label = 0;
      for (let c = 0; c < k; c++) {
        let sum = 0;
        for (let j = 0; j < d; j++) {
          const away = X[i * d + j] - centers[c * d + j];
          sum += away * away;
        }
        if (sum < best) {
          best = sum;
          label = c;
        }
      }
      labels[i] = label;
      distances[i] = best;
    }
    return { labels, distances };
  }

  function counted(labels, k) {
    const counts = new Uint32Array(k);
    for (const label of labels) counts[label]++;
    return counts;
  }

  /* Empty clusters in order take the farthest point of a cluster of two or more; their number. */
  function relocate(labels, distances, counts) {
    let relocated = 0;
    for (let c = 0; c < counts.length; c++) {
      if (counts[c]) continue;
      let found = -1;
      for (let i = 0; i < labels.length; i++) {
        if (counts[labels[i]] > 1 && (found < 0 || distances[i] > distances[found])) found = i;
      }
      counts[labels[found]]--;
      counts[c] = 1;
      labels[found] = c;
      relocated++;
    }
    return relocated;
  }

  /* Means of the members, exact sums rounded once; an empty cluster keeps its center. */
  function update(X, d, labels, counts, centers) {
    const after = centers.slice(), members = Array.from(counts, count => new Uint32Array(count));
    const filled = new Uint32Array(counts.length);
    labels.forEach((label, i) => { members[label][filled[label]++] = i; });
    let shift = 0;
    members.forEach((mine, c) => {
      const column = new Float64Array(mine.length);
      for (let j = 0; mine.length && j < d; j++) {
        mine.forEach((i, m) => { column[m] = X[i * d + j]; });
        after[c * d + j] = fsum(column) / mine.length;
        const moved = after[c * d + j] - centers[c * d + j];
        shift += moved * moved;
      }
    });
    return { after, shift };
  }

  const same = (a, b) => a.every((value, i) => value === b[i]);

  /* The steps of a start one by one; at last its status and, where it has one, its outcome.
     rules: maxIter; empty, as in a spec; limit, the shift that ends a start, or null. */
  function* steps(X, d, first, { maxIter, empty, limit }) {
    const k = first.length / d, past = [];
    let centers = first, before = null;
    for (let t = 0; t < maxIter; t++) {
      const { labels, distances } = assign(X, d, centers), counts = counted(labels, k);
      const inertia = fsum(distances);
      const relocated = empty === "relocate" ? relocate(labels, distances, counts) : 0;
      const moved = before ? labels.reduce((sum, label, i) => sum + (label !== before[i]), 0) : labels.length;
      yield { centers, labels, inertia, moved, relocated };
      if (empty === "fail" && counts.includes(0)) return { status: "empty_cluster" };
      if (!moved && !relocated) return { status: "converged", centers, labels, inertia };
      const { after, shift } = update(X, d, labels, counts, centers);
      const again = past.some(step => same(after, step.after) && same(labels, step.labels));
      past.push({ after, labels });
      centers = after;
      before = labels;
      if (again) return outcome(X, d, centers, "cycle");
      if (limit !== null && shift <= limit) return outcome(X, d, centers, "tol");
    }
    return outcome(X, d, centers, "max_iter");
  }

  /* A start that did not converge: one more assign gives its labels. */
  function outcome(X, d, centers, status) {
    const { labels, distances } = assign(X, d, centers);
    return { status, centers, labels, inertia: fsum(distances) };
  }

  const known = new WeakMap(); // distances (n, n) by data

  function distancesOf(X, d) {
    if (known.has(X)) return known.get(X);
    const n = X.length / d, away = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let other = 0; other < i; other++) {
        let sum = 0;
        for (let j = 0; j < d; j++) sum += (X[i * d + j] - X[other * d + j]) ** 2;
        away[i * n + other] = away[other * n + i] = Math.sqrt(sum);
      }
    }
    known.set(X, away);
    return away;
  }

  /* Mean silhouette (Rousseeuw 1987), 0 for a point alone; null where it is undefined or n is too large. */
  function silhouette(X, d, labels, k) {
    const n = labels.length, counts = counted(labels, k), filled = counts.filter(count => count).length;
    if (n > SCORED || filled < 2 || filled === n) return null;
    const away = distancesOf(X, d), sums = new Float64Array(k);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const own = labels[i];
      if (counts[own] === 1) continue;
      sums.fill(0);
      for (let other = 0; other < n; other++) sums[labels[other]] += away[i * n + other];
      const a = sums[own] / (counts[own] - 1);
      let b = Infinity;
      for (let c = 0; c < k; c++) if (c !== own && counts[c]) b = Math.min(b, sums[c] / counts[c]);
      if (Math.max(a, b) > 0) total += (b - a) / Math.max(a, b);
    }
    return total / n;
  }

  window.KMeansLab = { SCORED, assign, fsum, silhouette, steps };
})();
