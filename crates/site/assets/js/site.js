// What scripts add to the pages: nothing that a page needs, everything that makes it quicker.
(function () {
  "use strict";
  var root = document.documentElement, d = document;
  function $(s, e) { return (e || d).querySelector(s); }
  function all(s, e) { return Array.prototype.slice.call((e || d).querySelectorAll(s)); }

  // Theme: light or dark, remembered; as the system has it until the reader chooses.
  var theme = $("#theme");
  if (theme) theme.addEventListener("click", function () {
    var now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch (e) { /* private window */ }
  });

  // Menus close when the reader looks elsewhere.
  var menus = all("details.menu");
  function close(but) { menus.forEach(function (m) { if (m !== but) m.open = false; }); }
  d.addEventListener("click", function (e) { close(e.target.closest("details.menu")); });

  // Suggestions while typing.
  var form = $("form.find"), field = form && $("input", form), list, timer, last = "", at = -1;
  function hide() { if (list) { list.hidden = true; at = -1; field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); } }
  function show(items) {
    if (!list) {
      list = d.createElement("ul");
      list.className = "suggest"; list.id = "suggest"; list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", field.getAttribute("aria-label"));
      form.appendChild(list);
      field.setAttribute("role", "combobox"); field.setAttribute("aria-controls", "suggest"); field.setAttribute("aria-autocomplete", "list");
    }
    list.textContent = "";
    items.forEach(function (item, n) {
      var li = d.createElement("li"), a = d.createElement("a"), t = d.createElement("span"), k = d.createElement("span");
      li.id = "suggest-" + n; li.setAttribute("role", "option"); li.setAttribute("aria-selected", "false");
      a.href = item.h; a.tabIndex = -1; t.textContent = item.t; k.textContent = item.k; k.className = "label";
      a.appendChild(t); a.appendChild(k); li.appendChild(a); list.appendChild(li);
    });
    at = -1; list.hidden = !items.length;
    field.setAttribute("aria-expanded", String(!!items.length));
  }
  function mark(n) {
    var items = all("li", list);
    if (!items.length) return;
    at = (n + items.length) % items.length;
    items.forEach(function (li, i) { li.setAttribute("aria-selected", String(i === at)); });
    field.setAttribute("aria-activedescendant", items[at].id);
  }
  if (field && window.fetch && form.dataset.suggest) {
    field.addEventListener("input", function () {
      clearTimeout(timer);
      var words = field.value.trim();
      if (words.length < 2) { last = ""; hide(); return; }
      timer = setTimeout(function () {
        last = words;
        fetch(form.dataset.suggest + "?q=" + encodeURIComponent(words)).then(function (r) { return r.ok ? r.json() : []; })
          .then(function (items) { if (last === words && d.activeElement === field) show(items); }, function () {});
      }, 120);
    });
    field.addEventListener("keydown", function (e) {
      if (!list || list.hidden) return;
      if (e.key === "ArrowDown") { mark(at + 1); e.preventDefault(); }
      else if (e.key === "ArrowUp") { mark(at - 1); e.preventDefault(); }
      else if (e.key === "Enter" && at >= 0) { $("a", list.children[at]).click(); e.preventDefault(); }
    });
    form.addEventListener("focusout", function () { setTimeout(function () { if (!form.contains(d.activeElement)) hide(); }, 150); });
  }

  // Keys: / searches, Escape closes, arrows turn the pages of a sheet, c shows its answer.
  var turn = $("[data-turn]");
  d.addEventListener("keydown", function (e) {
    if (e.key === "Escape") { close(); hide(); return; }
    if (e.ctrlKey || e.metaKey || e.altKey || /^(input|select|textarea)$/i.test(e.target.tagName)) return;
    if (e.key === "/" && field) { field.focus(); field.select(); e.preventDefault(); return; }
    if (!turn) return;
    // The remote control of a projector sends PageUp and PageDown.
    var big = turn.classList.contains("projector");
    var back = e.key === "ArrowLeft" || (big && e.key === "PageUp"), on = e.key === "ArrowRight" || (big && e.key === "PageDown");
    var link = back ? $('link[rel="prev"]') : on ? $('link[rel="next"]') : null;
    if (link) location.href = link.href;
    if (e.key === "c") all("details", turn).forEach(function (x) { x.open = !x.open; });
  });

  // Filters apply as soon as one is chosen.
  all("form[data-auto] select").forEach(function (s) { s.addEventListener("change", function () { send(s.form); }); });
  function address(f) {
    var q = new URLSearchParams();
    new FormData(f).forEach(function (v, k) { if (v) q.append(k, v); });
    return location.pathname + (String(q) ? "?" + q : "");
  }
  function send(f) { location.href = address(f); }
  all("form.filters").forEach(function (f) {
    f.addEventListener("submit", function (e) { e.preventDefault(); (f.dataset.live && window.live || send)(f, address(f)); });
  });

  // On a narrow screen choices stay folded until they are wanted, or where some are made.
  var narrow = matchMedia("(max-width: 44rem)");
  function fold() {
    all("details.fold").forEach(function (f) {
      f.open = !narrow.matches || !!$("option[selected]:not([value='']), :checked:not(option), input[type=date]:not([value=''])", f);
    });
  }
  narrow.addEventListener("change", fold);
  fold();

  // A wide picture shows its middle first.
  window.centre = function () {
    all(".picture .canvas").forEach(function (box) {
      var node = $(".centre .box", box) || $(".disc.document", box);
      if (!node) return;
      var a = node.getBoundingClientRect(), b = box.getBoundingClientRect();
      box.scrollLeft += a.left + a.width / 2 - b.left - b.width / 2;
      box.scrollTop += a.top + a.height / 2 - b.top - b.height / 2;
    });
  };
  window.centre();

  // What scrolls can be reached with the keyboard.
  function reach() {
    all(".tex, .formule, math[display=block], .table-defilante").forEach(function (e) {
      if (e.scrollWidth > e.clientWidth + 1) e.tabIndex = 0;
      else if (e.tabIndex === 0) e.removeAttribute("tabindex");
    });
  }
  addEventListener("resize", reach);
  addEventListener("load", reach);
  d.addEventListener("toggle", reach, true);
  reach();

  // A citation gives the whole address, also where the site was not told its own.
  all("[data-cite]").forEach(function (e) {
    if (e.dataset.cite[0] === "/") e.textContent = e.textContent.replace(e.dataset.cite, location.origin + e.dataset.cite);
  });

  // Paper, clipboard; a folded answer opens for who comes to a place inside it.
  all("[data-print]").forEach(function (b) { b.addEventListener("click", function () { print(); }); });
  all("[data-copy]").forEach(function (b) {
    b.addEventListener("click", function () {
      navigator.clipboard && navigator.clipboard.writeText($(b.dataset.copy).textContent).then(function () { b.textContent = "✓"; });
    });
  });
  function reveal() {
    var place = location.hash.length > 1 && d.getElementById(decodeURIComponent(location.hash.slice(1)));
    var fold = place && place.closest("details:not(.menu)");
    if (fold && !fold.open) { fold.open = true; place.scrollIntoView(); }
  }
  addEventListener("hashchange", reveal);
  reveal();
})();
