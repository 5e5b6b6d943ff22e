// The run in Perfetto's own page: another origin, opened by the reader alone, which is handed the trace.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { foreign, open } from "./lib/browser.mjs";
import { ask, ready } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";

const THERE = "https://ui.perfetto.dev";
// As that page does: it answers PING when it is ready, which takes it a while, and takes one trace.
const STUB = `<!doctype html><title>stub</title><script>
const early = performance.now() + 400;
window.heard = [];
window.addEventListener("message", ({ source, origin, data }) => {
  if (data === "PING" && performance.now() > early) source.postMessage("PONG", origin);
  if (data.perfetto) window.heard.push({ origin, ...data.perfetto, first: new Uint8Array(data.perfetto.buffer)[0], bytes: data.perfetto.buffer.byteLength, buffer: null });
});
</script>`;

describe("Open in Perfetto", () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));

  it("asks nothing of the other origin before the click, then hands the trace over by its protocol", async () => {
    const { page, context, seen, close } = await open(browser);
    const asked = [];
    await context.route(`${THERE}/**`, (route) => {
      asked.push(route.request().method());
      return route.fulfill({ contentType: "text/html", body: STUB });
    });
    await page.goto(site.url);
    await ready(page);
    await page.locator("header nav button", { hasText: "Share" }).click();
    const dialog = page.locator("dialog[open]");
    assert.match(await dialog.locator(".exports").innerText(), /another site, ui\.perfetto\.dev/);
    assert.deepEqual([asked, foreign(seen, site.origin)], [[], []]);
    const [tab] = await Promise.all([context.waitForEvent("page"), dialog.getByRole("button", { name: /Perfetto ↗/ }).click()]);
    await tab.waitForFunction(() => window.heard?.length);
    const [trace] = await tab.evaluate(() => window.heard);
    // A trace is packets, field 1, length-delimited.
    assert.deepEqual([trace.origin, trace.first, trace.localOnly], [site.origin, 0x0a, true]);
    assert.ok(trace.bytes > 10_000, `${trace.bytes} bytes`);
    assert.match(trace.title, /host/);
    assert.deepEqual(asked.filter((method) => method !== "GET"), [], "nothing is sent over the network");
    await ask(page, "pause");
    await tab.waitForTimeout(300);
    assert.equal((await tab.evaluate(() => window.heard)).length, 1, "once");
    assert.deepEqual(seen.errors, []);
    await close();
  });

  it("says so where the browser opens no tab", async () => {
    const { page, close } = await open(browser);
    await page.addInitScript(() => (window.open = () => null));
    await page.goto(site.url);
    await ready(page);
    await page.locator("header nav button", { hasText: "Share" }).click();
    await page.locator("dialog[open]").getByRole("button", { name: /Perfetto ↗/ }).click();
    await page.locator(".notice.wrong", { hasText: "open a tab" }).waitFor();
    await close();
  });
});
