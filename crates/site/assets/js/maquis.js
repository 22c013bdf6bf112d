// Every node of the maquis on a canvas: one disc of points a kind, the relations of the node under
// the pointer, zoom and drag. Ten thousand nodes draw in a few milliseconds.
(function () {
  "use strict";
  var button = document.getElementById("show"), canvas = document.getElementById("overview"), hover = document.getElementById("hover");
  if (!button || !canvas || !canvas.getContext) return;
  button.addEventListener("click", function () {
    button.disabled = true;
    fetch(button.dataset.src).then(function (r) { return r.json(); }).then(start, function () { button.disabled = false; });
  });
  function start(data) {
    button.parentNode.hidden = true; canvas.hidden = false;
    document.querySelector(".picture.whole").hidden = true; canvas.focus();
    var g = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
    var n = data.nodes.length, xs = new Float32Array(n), ys = new Float32Array(n);
    var kinds = data.kinds.map(function (k) { return { label: k[0], name: k[1], ids: [], r: 0, x: 0, y: 0 }; });
    data.nodes.forEach(function (node, i) { kinds[node[0]].ids.push(i); });
    // Nodes of a kind stand as seeds in a sunflower; kinds stand in rows by label.
    var step = 9, golden = Math.PI * (3 - Math.sqrt(5)), rows = {}, wide = 0, y = 0;
    kinds.forEach(function (k) { k.r = step * Math.sqrt(k.ids.length) + 26; (rows[k.label] = rows[k.label] || []).push(k); });
    // A name may be wider than its disc: `letter` is its size where the discs are measured.
    function place(letter) {
      y = letter; wide = 0;
      g.font = letter + "px " + style.getPropertyValue("--serif");
      kinds.forEach(function (k) { k.half = Math.max(k.r, g.measureText(k.name).width / 2); });
      Object.keys(rows).forEach(function (label) {
        var row = rows[label], x = 0, tall = Math.max.apply(null, row.map(function (k) { return k.r; }));
        row.sort(function (a, b) { return b.r - a.r; }).forEach(function (k) { k.x = x + k.half; k.y = y + tall; x += 2 * k.half + 50; });
        row.wide = x - 50; wide = Math.max(wide, row.wide); y += 2 * tall + 60;
      });
      kinds.forEach(function (k) {
        k.x += (wide - rows[k.label].wide) / 2;
        k.ids.forEach(function (id, i) {
          var r = step * Math.sqrt(i + 0.5), a = i * golden;
          xs[id] = k.x + r * Math.cos(a); ys[id] = k.y + r * Math.sin(a);
        });
      });
      scale = Math.min(canvas.clientWidth / (wide + 40), canvas.clientHeight / (y + 20));
    }
    var near = new Array(n), e = data.edges;
    for (var i = 0; i < e.length; i += 2) {
      (near[e[i]] = near[e[i]] || []).push(e[i + 1]);
      (near[e[i + 1]] = near[e[i + 1]] || []).push(e[i]);
    }
    var scale = 1, ox = 0, oy = 0, at = -1, dpr = 1, asked = false;
    function fit() {
      dpr = devicePixelRatio || 1;
      canvas.width = canvas.clientWidth * dpr; canvas.height = canvas.clientHeight * dpr;
      [0, 1, 2].forEach(function (n) { place(n ? Math.max(15, 14 / scale) : 15); });
      ox = (canvas.clientWidth - wide * scale) / 2; oy = (canvas.clientHeight - y * scale) / 2; later();
    }
    function later() { if (!asked) { asked = true; requestAnimationFrame(draw); } }
    function colour(name) { return style.getPropertyValue(name).trim(); }
    function draw() {
      asked = false;
      g.setTransform(dpr, 0, 0, dpr, 0, 0); g.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
      g.setTransform(dpr * scale, 0, 0, dpr * scale, dpr * ox, dpr * oy);
      var shapes = { Document: "--ink-2", Concept: "--green", Evenement: "--warn", SiteWeb: "--ink-3" };
      kinds.forEach(function (k) {
        g.fillStyle = colour(shapes[k.label] || "--ink-3");
        g.globalAlpha = at < 0 ? 0.85 : 0.3; g.beginPath();
        k.ids.forEach(function (id) {
          if (k.label === "Document") g.rect(xs[id] - 2.6, ys[id] - 2.6, 5.2, 5.2);
          else { g.moveTo(xs[id] + 3, ys[id]); g.arc(xs[id], ys[id], 3, 0, 7); }
        });
        g.fill();
      });
      g.globalAlpha = 1; g.fillStyle = colour("--ink"); g.textAlign = "center";
      g.font = Math.max(15, 13 / scale) + "px " + style.getPropertyValue("--serif");
      kinds.forEach(function (k) { g.fillText(k.name, k.x, k.y - k.r + 10); });
      if (at >= 0) {
        g.strokeStyle = g.fillStyle = colour("--green"); g.lineWidth = 1 / scale; g.beginPath();
        (near[at] || []).forEach(function (o) { g.moveTo(xs[at], ys[at]); g.lineTo(xs[o], ys[o]); });
        g.stroke(); g.beginPath();
        (near[at] || []).concat([at]).forEach(function (o) { g.moveTo(xs[o] + 4, ys[o]); g.arc(xs[o], ys[o], o === at ? 6 : 4, 0, 7); });
        g.fill();
      }
    }
    function find(px, py) {
      var wx = (px - ox) / scale, wy = (py - oy) / scale, best = -1, limit = Math.max(7, 9 / scale); limit *= limit;
      for (var i = 0; i < n; i++) { var dx = xs[i] - wx, dy = ys[i] - wy, q = dx * dx + dy * dy; if (q < limit) { limit = q; best = i; } }
      return best;
    }
    function zoom(by, px, py) { ox = px - (px - ox) * by; oy = py - (py - oy) * by; scale *= by; later(); }
    var drag = null, moved = 0;
    canvas.addEventListener("pointerdown", function (v) { drag = [v.clientX, v.clientY]; moved = 0; canvas.setPointerCapture(v.pointerId); });
    canvas.addEventListener("pointermove", function (v) {
      if (drag) {
        moved += Math.abs(v.clientX - drag[0]) + Math.abs(v.clientY - drag[1]);
        ox += v.clientX - drag[0]; oy += v.clientY - drag[1]; drag = [v.clientX, v.clientY]; later(); return;
      }
      var box = canvas.getBoundingClientRect(), found = find(v.clientX - box.left, v.clientY - box.top);
      if (found !== at) { at = found; hover.textContent = at < 0 ? "" : data.nodes[at][1] + " · " + kinds[data.nodes[at][0]].name; canvas.style.cursor = at < 0 ? "grab" : "pointer"; later(); }
    });
    canvas.addEventListener("pointerup", function (v) {
      drag = null;
      if (moved < 6) { var box = canvas.getBoundingClientRect(), f = find(v.clientX - box.left, v.clientY - box.top); if (f >= 0) location.href = data.nodes[f][2]; }
    });
    canvas.addEventListener("wheel", function (v) { v.preventDefault(); var box = canvas.getBoundingClientRect(); zoom(v.deltaY < 0 ? 1.15 : 0.87, v.clientX - box.left, v.clientY - box.top); }, { passive: false });
    canvas.addEventListener("keydown", function (v) {
      var m = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[v.key];
      if (m) { ox += m[0]; oy += m[1]; later(); v.preventDefault(); }
      if (v.key === "+") zoom(1.25, canvas.clientWidth / 2, canvas.clientHeight / 2);
      if (v.key === "-") zoom(0.8, canvas.clientWidth / 2, canvas.clientHeight / 2);
    });
    addEventListener("resize", fit);
    fit();
  }
})();
