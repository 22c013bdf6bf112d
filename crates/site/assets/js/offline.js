// Search without a server: Pagefind's index where the export has it, our own list otherwise.
(function () {
  "use strict";
  var out = document.getElementById("found");
  var words = new URLSearchParams(location.search).get("q") || "";
  document.querySelectorAll('input[name="q"]').forEach(function (i) { i.value = words; });
  if (!out || !words.trim()) return;
  function fold(s) { return s.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/œ/g, "oe").replace(/’/g, "'"); }
  function show(items) {
    var list = document.createElement("ul");
    list.className = "entries";
    items.forEach(function (x) {
      var li = document.createElement("li"), t = document.createElement("div"), a = document.createElement("a"), p = document.createElement("p"), k = document.createElement("div");
      t.className = "title"; a.href = x.h; a.textContent = x.t; t.appendChild(a); li.appendChild(t);
      if (x.d) { p.className = "desc"; mark(p, x.d); li.appendChild(p); }
      if (x.k) { k.className = "tags"; k.textContent = x.k; li.appendChild(k); }
      list.appendChild(li);
    });
    if (!items.length) out.textContent = out.dataset.none;
    else out.appendChild(list);
  }
  // The index has elided words apart (« l’ intégrale »): so it is asked, and shown they are joined.
  var elided = "(^|[^\\p{L}])((?:[ldjmtscn]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu)[’'])";
  function asked(text) { return text.replace(new RegExp(elided + "(?=\\p{L})", "giu"), "$1"); }
  function joined(text) { return text.replace(new RegExp(elided + " (?=(?:<mark>)?\\p{L})", "giu"), "$1$2"); }
  // Pagefind marks the words of its excerpts; nothing else of them becomes HTML.
  function mark(p, text) {
    text.split(/<\/?mark>/).forEach(function (part, n) {
      var e = document.createElement(n % 2 ? "mark" : "span");
      e.textContent = part.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
      p.appendChild(e);
    });
  }
  function own() {
    fetch(out.dataset.index).then(function (r) { return r.json(); }).then(function (all) {
      var asked = fold(words).split(/[^a-z0-9]+/).filter(Boolean), found = [];
      all.forEach(function (x) {
        var title = fold(x[0]), text = fold(x[3]), score = 0;
        asked.every(function (w) { var s = title.indexOf(w) === 0 ? 4 : title.indexOf(w) > 0 ? 3 : text.indexOf(w) >= 0 ? 1 : 0; score = s ? score + s : 0; return s; });
        if (score) found.push({ t: x[0], k: x[1], h: x[2], d: x[3], s: score });
      });
      found.sort(function (a, b) { return b.s - a.s || a.t.localeCompare(b.t, "fr"); });
      show(found.slice(0, 60));
    });
  }
  import("/pagefind/pagefind.js").then(function (pagefind) {
    return pagefind.search(asked(words)).then(function (r) {
      return Promise.all(r.results.slice(0, 40).map(function (x) { return x.data(); }));
    }).then(function (pages) {
      show(pages.map(function (x) { return { t: x.meta.title, h: x.url, d: joined(x.excerpt), k: "" }; }));
    });
  }).catch(own);
})();
