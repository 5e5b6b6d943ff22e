// Images of the reader's own, dropped on the page.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { GUESTS } from "./lib/env.mjs";
import { open } from "./lib/browser.mjs";
import { images } from "./lib/cli.mjs";
import { ask, ready } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";

// Drops a file on the machines.
export async function drop(page, name, bytes) {
  await page.evaluate(([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
    document.querySelector("main").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
  }, [name, bytes.toString("base64")]);
}

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
    await drop(page, name, await readFile(spoiled(name)));
    await page.locator(".notice", { hasText: "takes the place" }).waitFor();
    await right.locator(".v-way", { hasText: "VM exit" }).first().waitFor();
    const after = await look();
    assert.ok(after.exits > after.interrupts, `each interrupt exits: ${JSON.stringify(after)}`);
    assert.match(after.way, /VM exit/);
    assert.deepEqual(seen.errors, []);
    await close();
  });
});
