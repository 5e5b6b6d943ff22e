// What goes wrong is said in place, and the rest of the page lives.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { ask, drop, eventually, ready } from "./lib/lab.mjs";
import { shipped } from "./lib/cli.mjs";
import { stage } from "./lib/stage.mjs";

describe("what goes wrong", () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));
  const opened = async (options) => {
    const all = await open(browser, options);
    await all.page.goto(`${site.url}#/lab?level=explain`);
    await ready(all.page);
    return all;
  };
  const lives = async (page) => assert.equal((await ask(page, "seek", { at: "nic:90" })).life, 90);

  it("a dropped file that is no image is named with its first bytes", async () => {
    const { page, seen, close } = await opened();
    await drop(page, ["notes.txt", Buffer.from("hello")]);
    const notice = page.locator(".notice.wrong").first();
    await notice.waitFor();
    assert.match(await notice.innerText(), /notes\.txt.*68 65 6c 6c/s);
    await lives(page);
    assert.deepEqual(seen.errors, []);
    await close();
  });

  for (const [name, bytes] of [
    ["an ELF that is only a header", [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]],
    ["an ELF full of nonsense", [0x7f, 0x45, 0x4c, 0x46, ...Array.from({ length: 2000 }, (_, i) => (i * 37) & 255)]],
  ])
    it(`${name} does not load, and why`, async () => {
      const { page, seen, close } = await opened();
      await drop(page, ["broken.elf", bytes]);
      const notice = page.locator(".notice.wrong").first();
      await notice.waitFor();
      assert.match(await notice.innerText(), /broken\.elf/);
      assert.equal(await page.locator(".notice", { hasText: /broken\.elf runs/ }).count(), 0, "nothing says that it runs");
      await page.evaluate(() => (location.hash = "#/lab?level=explain&at=nic:90"));
      await eventually(page, () => lab.request("getReport").then((r) => r.life === 90));
      assert.deepEqual(seen.errors, []);
      await close();
    });

  it("a dropped image runs in the machine that leaves nothing out", async () => {
    const { page, seen, close } = await opened();
    await drop(page, ["mine.elf", await shipped("guests/netguest")]);
    await eventually(page, () => lab.request("getReport").then((r) => r.sides.length === 1 && r.state !== "busy"));
    assert.ok(seen.requests.some((url) => url.includes("whole.wasm")), "it was fetched");
    assert.match(await page.locator("h2").first().innerText(), /mine\.elf/);
    assert.deepEqual(seen.errors, []);
    await close();
  });

  it("a worker that dies is said, and another takes its place", async () => {
    const { page, close } = await open(browser);
    await page.addInitScript(() => {
      const Real = Worker;
      globalThis.workers = [];
      globalThis.Worker = class extends Real {
        constructor(...given) {
          super(...given);
          globalThis.workers.push(this);
        }
      };
    });
    await page.goto(`${site.url}#/lab?level=explain`);
    await ready(page);
    await page.evaluate(() => workers.at(-1).dispatchEvent(new ErrorEvent("error", { message: "out of memory" })));
    const notice = page.locator(".notice.wrong").first();
    await notice.waitFor();
    assert.match(await notice.innerText(), /worker stopped.*out of memory/s);
    await notice.getByRole("button", { name: "Start it again" }).click();
    await page.waitForFunction(() => !document.querySelector(".waiting"));
    await lives(page);
    await close();
  });

  it("storage that is refused costs nothing", async () => {
    const { page, seen, close } = await open(browser);
    await page.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage", "indexedDB"])
        Object.defineProperty(globalThis, name, { get: () => { throw new DOMException("refused", "SecurityError"); } });
    });
    await page.goto(`${site.url}#/lab?level=explain`);
    await ready(page);
    await lives(page);
    assert.deepEqual(seen.errors, []);
    await close();
  });
});
