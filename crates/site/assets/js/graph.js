// The neighbourhood: zoom, and filters that redraw in place.
(function () {
  "use strict";
  function picture() {
    var zoom = document.querySelector("[data-zoom]");
    var svg = document.querySelector(".picture svg.graph");
    if (!zoom || !svg) return;
    var width = +svg.getAttribute("width"), height = +svg.getAttribute("height"), scale = 1;
    function set(s) {
      scale = Math.min(3, Math.max(0.2, s));
      svg.setAttribute("width", Math.round(width * scale));
      svg.setAttribute("height", Math.round(height * scale));
    }
    var box = svg.parentNode;
    zoom.addEventListener("click", function (e) {
      var by = e.target.dataset.by;
      if (by === undefined) return;
      set(+by ? scale * by : Math.min(box.clientWidth / width, innerHeight * 0.78 / height, 1));
    });
    box.addEventListener("wheel", function (e) {
      if (!e.ctrlKey) return;
      e.preventDefault();
      set(scale * (e.deltaY < 0 ? 1.1 : 0.9));
    }, { passive: false });
    if (width > box.clientWidth) set(Math.max(0.62, box.clientWidth / width));
    window.centre();
  }
  window.live = function (form, address) {
    fetch(address).then(function (r) { if (!r.ok) throw r; return r.text(); }).then(function (text) {
      var page = new DOMParser().parseFromString(text, "text/html");
      var target = form.dataset.live;
      document.querySelector(target).replaceWith(page.querySelector(target));
      history.pushState(null, "", address);
      picture();
    }).catch(function () { location.href = address; });
  };
  addEventListener("popstate", function () { location.reload(); });
  document.querySelectorAll("form[data-live] select, form[data-live] input").forEach(function (x) {
    x.addEventListener("change", function () { x.form.requestSubmit(); });
  });
  picture();
})();
