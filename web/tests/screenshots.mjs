// `cargo xtask screenshots [FOLDER]`: what a reader sees first, and all open, at one moment of the machines.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { launch, open } from "./lib/browser.mjs";
import { ROOT, SITE } from "./lib/env.mjs";
import { ready } from "./lib/lab.mjs";
import { serve } from "./lib/server.mjs";

const SIZES = [[1440, 900], [1024, 768], [390, 844]];
// What is open, and how much of it is in the picture.
const LEVELS = [["story", ""], ["explain", "#/?level=explain"], ["inspect", "#/?level=inspect"]];
// All that is open, from top to bottom: one picture.
const ALL = ["inspect-all", "#/?level=inspect"];

const folder = path.resolve(process.argv[2] ?? path.join(ROOT, "docs/screenshots"));
const whole = process.argv.includes("--whole");
await mkdir(folder, { recursive: true });
const [browser, site] = [await launch(), await serve(SITE)];
async function shot([level, link, all], [width, height], colorScheme) {
  const { page, close } = await open(browser, { viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
  await page.goto(site.url + link);
  await ready(page);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: path.join(folder, `${level}-${width}-${colorScheme}.png`), animations: "disabled", caret: "hide", fullPage: whole || all });
  await close();
}
for (const level of LEVELS) for (const size of SIZES) for (const scheme of ["light", "dark"]) await shot(level, size, scheme);
await shot([...ALL, true], SIZES[0], "light");
await Promise.all([browser.close(), site.close()]);
