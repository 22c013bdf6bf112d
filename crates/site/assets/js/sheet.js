// A sheet changes without the page being loaded anew; without this, its forms and links do the same.
(function () {
  "use strict";
  var d = document;
  if (!window.fetch || !window.DOMParser || !history.pushState) return;
  function main() { return d.querySelector("main"); }
  function go(url, push, hash) {
    main().setAttribute("aria-busy", "true");
    return fetch(url).then(function (answer) {
      return answer.text().then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html"), found = page.querySelector("main");
        // An answer that is no sheet is shown as the page that it is.
        if (!answer.ok || !found || !found.querySelector("ol.sheet")) { location.href = url; return; }
        var open = Array.prototype.map.call(d.querySelectorAll(".panel"), function (p) { return p.open; });
        main().replaceWith(d.adoptNode(found));
        d.querySelectorAll(".panel").forEach(function (p, n) { p.open = !!open[n]; });
        d.title = page.title;
        if (push) history.pushState({ sheet: true }, "", answer.url + (hash || ""));
        var place = hash && d.querySelector(hash);
        var button = place && place.querySelector("button");
        if (button) button.focus({ preventScroll: true });
      });
    }, function () { location.href = url; });
  }
  d.addEventListener("submit", function (e) {
    var form = e.target, by = e.submitter;
    if (!form.closest("main") || form.method !== "get" || form.classList.contains("draw")) return;
    e.preventDefault();
    var to = new URL((by && by.getAttribute("formaction")) || form.getAttribute("action"), location.href), q = new URLSearchParams();
    new FormData(form).forEach(function (v, k) { if (v) q.append(k, v); });
    if (by && by.name) q.append(by.name, by.value);
    var hash = to.hash;
    to.hash = ""; to.search = String(q);
    go(to.href, true, hash);
  });
  d.addEventListener("click", function (e) {
    var link = e.target.closest("main .bar a[data-stay]");
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    e.preventDefault();
    go(link.href, true);
  });
  addEventListener("popstate", function () { if (d.querySelector("ol.sheet")) go(location.href, false); });
})();
