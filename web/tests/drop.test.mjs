// Images of the reader's own, dropped on the page.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { GUESTS } from "./lib/env.mjs";
import { open } from "./lib/browser.mjs";
import { both, ended, images } from "./lib/cli.mjs";
import { floats, halt, kernel, powerOff, say, undefined } from "./lib/kernel.mjs";
import { ask, drop, ready } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";

describe("an image that is dropped on the page", () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));

  it("takes its namesake's place: with one gate left not-present, that interrupt exits", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(`${site.url}#/?level=explain`);
    await ready(page);
    const right = page.locator(".side").nth(1);
    // What fifty interrupts brought about, and which way the last of them goes.
    const look = async () => {
      const [from, to] = [(await ask(page, "seek", { at: "nic:53" })).sides[1], (await ask(page, "seek", { at: "nic:103" })).sides[1]];
      return { exits: to.exits - from.exits, interrupts: to.interrupts - from.interrupts, way: await right.locator(".v-way").first().innerText() };
    };
    const before = await look();
    assert.ok(before.exits < before.interrupts, JSON.stringify(before));
    assert.match(before.way, /no exit/);
    const spoiled = (name) => path.join(GUESTS, `${name}-gate-left-out`);
    const name = (await images()).find((name) => existsSync(spoiled(name)));
    await drop(page, [name, await readFile(spoiled(name))]);
    await page.locator(".notice", { hasText: "takes the place" }).waitFor();
    await right.locator(".v-way", { hasText: "VM exit" }).first().waitFor();
    const after = await look();
    assert.ok(after.exits > after.interrupts, `each interrupt exits: ${JSON.stringify(after)}`);
    assert.match(after.way, /VM exit/);
    assert.deepEqual(seen.errors, []);
    await close();
  });

  // A whole machine's end, as the page says it, and its hash.
  const runs = async (page, name, image) => {
    await drop(page, [name, image]);
    await page.locator("h2", { hasText: name }).first().waitFor();
    await ask(page, "set", { key: "level", value: "inspect" });
    await ask(page, "run", { speed: "max" });
    await page.locator(".state[data-state=halted]").waitFor();
    await page.getByRole("button", { name: "Console", exact: true }).click();
    return { says: await page.locator(".state").innerText(), console: await page.locator(".v-console").innerText(), ...(await ask(page, "hash")).sides[0] };
  };
  let page, seen;
  // The first of them needs what the small machine leaves out.
  const KERNELS = [
    ["that computes with floating point", kernel(say("14 / 2 = "), floats, powerOff), /^14 \/ 2 = 7\s*$/, /powered the machine off/],
    ["that says something and powers off", kernel(say("Hello, page.\n"), powerOff), /^Hello, page\.\s*$/, /powered the machine off/],
    ["that halts for good", kernel(say("Good night.\n"), halt), /^Good night\.\s*$/, /halted for ever/],
    ["that has no handler for its fault", kernel(say("Oh"), undefined), /^Oh\s*$/, /triple fault/],
  ];
  for (const [at, [name, image, says, ends]] of KERNELS.entries())
    it(`a multiboot kernel ${name} runs to its end as from the command line`, async () => {
      if (!page) {
        ({ page, seen } = await open(browser));
        await page.goto(`${site.url}#/lab?level=explain`);
        await ready(page);
        assert.ok(!seen.requests.some((url) => url.includes("whole.wasm")), "the small machine came first");
      }
      // Each has a name of its own: its heading shows that the one before it has gone.
      const file = `mine-${at}.elf`;
      const here = await runs(page, file, image);
      assert.ok(seen.requests.some((url) => url.includes("whole.wasm")), "the whole machine was fetched");
      assert.match(here.console, says);
      assert.match(here.says, ends);
      const folder = await mkdtemp(path.join(os.tmpdir(), "kernel-"));
      await writeFile(path.join(folder, file), image);
      const there = await ended("run", "--kernel", path.join(folder, file), "--memory", "128MiB", "--timeout", "1ms", "--json");
      await rm(folder, { recursive: true });
      assert.match(there.stop, ends);
      assert.equal(here.retired, there.instructions);
      assert.equal(both(here.trace, here.hash), there.trace_hash, "records and state");
      assert.deepEqual(seen.errors, []);
    });
});
