// Finds the browser: the one named by CHROMIUM, or the system's.

import { existsSync } from "node:fs";

const usual = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];

/** The path of a Chromium; an error says what to do when there is none. */
export function chromiumPath() {
  const path = process.env.CHROMIUM ?? usual.find(existsSync);
  if (!path || !existsSync(path)) throw new Error("no Chromium: install it, or set CHROMIUM to its path");
  return path;
}
