// The open page loads itself anew when what it shows changed; served by `serve --watch` alone.
(function () {
  "use strict";
  var shown, source = new EventSource("/watch");
  source.onmessage = function (event) {
    if (shown !== undefined && event.data !== shown) location.reload();
    shown = event.data;
  };
})();
