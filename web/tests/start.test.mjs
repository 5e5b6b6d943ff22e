// How the page starts: from any folder of any server, from a disk, in a frame that may do nothing.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { readFile } from "node:fs/promises";
import { SINGLE, SITE } from "./lib/env.mjs";
import { serve } from "./lib/server.mjs";
import { foreign, open } from "./lib/browser.mjs";
import { ask, ready } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";

// Until the machines' first picture is there and a step, by key, has changed it.
async function interactive(page, keyboard = page.keyboard) {
  await ready(page);
  const first = await page.evaluate(() => document.querySelector(".pair").innerHTML);
  const before = await ask(page, "getReport");
  await page.locator("#machines").focus();
  await keyboard.press(".");
  await page.waitForFunction((first) => document.querySelector(".pair").innerHTML !== first, first);
  const after = await ask(page, "getReport");
  assert.equal(after.event, before.event + 1);
}

describe("the page starts", () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));

  it("from a sub-path without special headers, with no error and no request elsewhere", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(site.url);
    await interactive(page);
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(foreign(seen, site.origin), []);
    assert.equal(await page.evaluate(() => crossOriginIsolated), false, "no header makes it so");
    await close();
  });

  it("with its sentence, picture and button before any script has run", async () => {
    const { page, close } = await open(browser, { javaScriptEnabled: false });
    await page.goto(site.url);
    assert.match(await page.locator("h1").innerText(), /network card tells a virtual machine/);
    assert.equal(await page.locator(".still section svg").count(), 2);
    assert.match(await page.locator("#lab-follow").innerText(), /Follow one interrupt/);
    await close();
  });

  it("from a disk, as one file", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(pathToFileURL(SINGLE).href);
    await interactive(page);
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(seen.requests.filter((url) => !/^(file|blob|data):/.test(url)), []);
    await close();
  });

  it("as one file in a sandboxed frame of another page, with no origin", async () => {
    const host = `<!doctype html><title>host</title><link rel="icon" href="data:,"><iframe sandbox="allow-scripts" src="/single.html" width="1200" height="800"></iframe>`;
    const other = await serve(SITE, { "/host.html": host, "/single.html": await readFile(SINGLE) });
    const { page, seen, close } = await open(browser);
    await page.goto(`${other.origin}/host.html`);
    const frame = page.frames().find((frame) => frame.url().endsWith("/single.html"));
    await interactive(frame, page.keyboard);
    assert.equal(await frame.evaluate(() => origin), "null");
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(foreign(seen, other.origin), []);
    await close();
    await other.close();
  });
});

describe("what keeps the page from starting is said in place", () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));

  const line = async (page) => {
    const wrong = page.locator("#lab-line.wrong, .notice.wrong").first();
    await wrong.waitFor();
    return wrong.innerText();
  };
  const ROWS = [
    ["a part that is missing", (page) => page.route("**/page.wasm.lzma*", (route) => route.fulfill({ status: 404 })), /page\.wasm\.lzma is missing from the server \(404\)/],
    ["a part that is another's", (page) => page.route("**/machine.js.lzma*", (route) => route.fulfill({ body: "<!doctype html>" })), /machine\.js\.lzma is not the one/],
    ["a network that is gone", (page) => page.route("**/*.lzma*", (route) => route.abort()), /could not be fetched/],
    ["a browser without WebAssembly", (page) => page.addInitScript(() => delete globalThis.WebAssembly), /too old.*WebAssembly/],
    ["a machine that is broken", (page) => page.route("**/machine.wasm.lzma*", async (route) => {
      const body = await readFile(`${SITE}/machine.wasm.lzma`);
      await route.fulfill({ body: body.fill(0, body.length >> 1) });
    }), /worker stopped/],
    ["a policy against WebAssembly", (page) => page.addInitScript(() => {
      WebAssembly.instantiate = () => Promise.reject(new WebAssembly.CompileError("blocked by a policy"));
    }), /WebAssembly is blocked here/],
  ];
  for (const [name, prepare, says] of ROWS)
    it(name, async () => {
      const { page, close } = await open(browser);
      await prepare(page);
      await page.goto(site.url);
      assert.match(await line(page), says);
      assert.match(await page.locator("h1").innerText(), /network card/, "the rest of the page stays");
      await close();
    });

  it("the many-file page opened from a disk names the single file", async () => {
    const { page, close } = await open(browser);
    await page.goto(pathToFileURL(`${SITE}/index.html`).href);
    assert.match(await line(page), /single-file version/);
    await close();
  });
});
