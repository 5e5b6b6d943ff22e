// What the first load weighs, summed from the browser's own network log until a step has changed the picture.
import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { SITE } from "./lib/env.mjs";
import { ask, ready, settled } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";

// Kilobytes of 1,000 bytes.
const BUDGETS = [["machine", /\/machine\./, 250], ["guests", /\/guests\//, 100], ["page", /./, 250]];
const FIRST = 600;
const WHOLE = 1500;

describe("the first load", () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));

  it("is within its budgets until the first step has changed the picture", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(site.url);
    await ready(page);
    const picture = () => page.evaluate(() => document.querySelector(".pair").innerHTML);
    const first = await picture();
    await ask(page, "step", { unit: "event" });
    await settled(page);
    assert.notEqual(await picture(), first, "the step changed the picture");
    const sums = new Map(BUDGETS.map(([name]) => [name, 0]));
    let all = 0;
    for (const [address, bytes] of seen.bytes) {
      const [name] = BUDGETS.find(([, pattern]) => pattern.test(address));
      sums.set(name, sums.get(name) + bytes);
      all += bytes;
    }
    for (const [name, , most] of BUDGETS) {
      console.log(`# ${name}: ${(sums.get(name) / 1000).toFixed(1)} of ${most} kB`);
      assert.ok(sums.get(name) > 10_000, `${name} was loaded`);
      assert.ok(sums.get(name) <= most * 1000, `${name}: ${sums.get(name)} bytes`);
    }
    console.log(`# all: ${(all / 1000).toFixed(1)} of ${FIRST} kB`);
    assert.ok(all <= FIRST * 1000, `${all} bytes`);
    assert.ok(![...seen.bytes.keys()].some((address) => address.includes("/whole.")), "the whole machine waits");
    await close();
  });

  it("is within its budget with everything that may be asked for later", async () => {
    const files = await readdir(SITE, { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(files.filter((file) => file.isFile()).map(async (file) => (await stat(path.join(file.parentPath, file.name))).size));
    const all = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`# all of the page: ${(all / 1000).toFixed(1)} of ${WHOLE} kB, ${sizes.length} files`);
    assert.ok(sizes.length > 10 && all > FIRST * 1000, "the site is there");
    assert.ok(all <= WHOLE * 1000, `${all} bytes`);
  });
});
